/// Whose turn it is: parties take turns, and so do the elements of one party.
struct TurnQueue<Element> {
    private var lines: [Party: Line<Element>] = [:]
    /// Who has something in line.
    private var parties = Line<Party>()

    var isEmpty: Bool { parties.isEmpty }

    /// Puts an element at the end of its party's line.
    mutating func append(_ element: Element, of party: Party) {
        if lines[party] == nil {
            lines[party] = Line()
            parties.append(party)
        }
        lines[party]?.append(element)
    }

    /// The first of the party whose turn it is, which goes to the end of all parties.
    mutating func next() -> Element? {
        guard let party = parties.popFirst(), let element = lines[party]?.popFirst() else { return nil }
        if lines[party]?.isEmpty == true { lines[party] = nil } else { parties.append(party) }
        return element
    }
}

/// First in, first out, in constant time on average.
private struct Line<Element> {
    private var elements: [Element?] = []
    private var first = 0

    var isEmpty: Bool { first == elements.count }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = elements[first]
        // Not kept alive by its place.
        elements[first] = nil
        first += 1
        if first > 32, first > elements.count / 2 {
            elements.removeFirst(first)
            first = 0
        }
        return element
    }
}
