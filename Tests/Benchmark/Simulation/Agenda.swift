internal import HeapModule

/// What happens to whom, and when, in one word: a million slots have millions of them ahead.
struct Event: Comparable {
    enum Kind: UInt64 {
        case arrival, answer, slotTimer, queueTimer, patience
    }

    /// More slots than this have no place in the word.
    static let mostSlots = 1 << slotBits

    private static let slotBits = 21
    private static let kindBits = 3

    /// From the top: the time, the kind, the slot.
    private let code: UInt64

    init(_ kind: Kind, slot: Int = 0, at time: Int) {
        code = (UInt64(time) << Self.kindBits | kind.rawValue) << Self.slotBits | UInt64(slot)
    }

    /// In microseconds since the simulation began.
    var time: Int { Int(code >> (Self.slotBits + Self.kindBits)) }

    var kind: Kind? { Kind(rawValue: code >> Self.slotBits & (1 << Self.kindBits - 1)) }

    var slot: Int { Int(code & (1 << Self.slotBits - 1)) }

    static func < (left: Event, right: Event) -> Bool { left.code < right.code }
}

/// The events ahead, in the order of their times.
///
/// A calendar: most events fall on a page that is far ahead, where they lie unsorted until it comes up. One heap for all
/// would touch twenty lines of cold memory for each event.
struct Agenda {
    /// In microseconds, short enough that a page's events fit into a processor's cache.
    private static let page = 1 << 16

    private var today = Heap<Event>()
    private var later: [[Event]]
    private var place = 0

    /// An empty agenda that ends after this many microseconds; what would come later is left out.
    init(length: Int) { later = Array(repeating: [], count: length / Self.page + 1) }

    mutating func schedule(_ event: Event) {
        let page = event.time / Self.page
        if page <= place {
            today.insert(event)
        } else if page < later.count {
            later[page].append(event)
        }
    }

    /// When the next event comes; nil for never.
    mutating func nextTime() -> Int? {
        while today.isEmpty, place + 1 < later.count {
            place += 1
            today = Heap(later[place])
            later[place] = []
        }
        return today.min?.time
    }

    /// Takes the event off that `nextTime` told of.
    mutating func popNext() -> Event { today.removeMin() }

    /// Forgets all events but those of `kind`.
    mutating func removeAll(but kind: Event.Kind) {
        today = Heap(today.unordered.filter { $0.kind == kind })
        for page in later.indices where !later[page].isEmpty { later[page].removeAll { $0.kind != kind } }
    }
}
