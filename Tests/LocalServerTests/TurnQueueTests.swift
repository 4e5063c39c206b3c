import LinuxHost
import TestSupport
import Testing

@testable import LocalServer

@Suite("Turns")
struct TurnQueueTests {
    private func turns(of words: String) -> String {
        var queue = TurnQueue<String>()
        for word in words.split(separator: " ") {
            queue.append(String(word), of: .user(UInt32(word.utf8.first ?? 0)))
        }
        var turns: [String] = []
        while let next = queue.next() { turns.append(next) }
        return turns.joined(separator: " ")
    }

    @Test(
        "Users take turns, and the elements of one user in their order",
        arguments: [
            ("", ""), ("a1 a2 a3", "a1 a2 a3"), ("a1 a2 a3 a4 b1", "a1 b1 a2 a3 a4"),
            ("a1 a2 b1 b2 c1 a3", "a1 b1 c1 a2 b2 a3"), ("a1 b1 b2 b3 a2", "a1 b1 a2 b2 b3"),
        ]
    )
    func order(words: String, expected: String) { #expect(turns(of: words) == expected) }

    @Test("Who comes alone waits for one turn of each other user, however many these have in line")
    func newcomer() {
        var queue = TurnQueue<Int>()
        for number in 0..<3_000 { queue.append(number, of: .user(UInt32(number % 3))) }
        _ = queue.next()
        queue.append(-1, of: .user(9))
        let next = (0..<4).map { _ in queue.next() }
        #expect(next.contains(-1))
    }

    @Test("What is taken is let go of, and everything comes out once")
    func walk() {
        final class Element { let number: Int; init(_ number: Int) { self.number = number } }
        var generator = SeededGenerator(seed: 8)
        var queue = TurnQueue<Element>()
        var taken: [Int] = []
        weak var last: Element?
        for number in 0..<5_000 {
            queue.append(Element(number), of: .user(UInt32(generator.below(5))))
            guard generator.below(3) > 0 else { continue }
            autoreleased {
                let element = queue.next()
                last = element
                taken.append(element?.number ?? -1)
            }
            #expect(last == nil)
        }
        while let element = queue.next() { taken.append(element.number) }
        #expect(queue.isEmpty && taken.sorted() == Array(0..<5_000))
    }

    private func autoreleased(_ body: () -> Void) { body() }
}

@Suite("Users with many connections")
struct CrowdTests {
    @Test("They have one place among everybody's as long as one of their connections stands")
    func places() throws {
        let everybody = try Poller(batch: 8)
        var crowds = Crowds()
        let first = crowds.join(.user(1), beside: everybody)
        #expect(first !== everybody && crowds.join(.user(1), beside: everybody) === first)
        let other = crowds.join(.user(2), beside: everybody)
        #expect(other !== first && other !== everybody)
        #expect(crowds[first.descriptor] === first)
        crowds.leave(.user(1), first)
        // One that was polled with everybody, before its user had many.
        crowds.leave(.user(1), everybody)
        #expect(crowds[first.descriptor] === first)
        crowds.leave(.user(1), first)
        #expect(crowds[first.descriptor] == nil && crowds[other.descriptor] === other)
        #expect(crowds.join(.user(1), beside: everybody) !== first)
    }
}
