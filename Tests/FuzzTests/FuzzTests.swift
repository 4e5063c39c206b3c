import FuzzProperties
import Testing

/// The fuzzers' properties without the fuzzers: on what they begin with, and on changes of it that are always the same.
@Suite("What the fuzzers look for")
struct FuzzTests {
    private static let rounds = 40

    @Test("is not in the answers of the corpus, nor in answers like them")
    func answers() throws {
        try walk("answers", check: AnswerProperties.violations)
    }

    @Test("is not in the configurations of the corpus, nor in configurations like them")
    func configurations() throws {
        try walk("configurations", check: ConfigurationProperties().violations)
    }

    /// The walks through requests at the same time, and the inputs of all of them.
    private static let requestWalks = 4
    private static let requestInputs = 200_000

    @Test("is not in the requests of the corpus, nor in requests like them", arguments: 0..<requestWalks)
    func requests(walk: Int) throws {
        let corpus = try Corpus.files(of: "requests")
        #expect(corpus.count > 20)
        for (name, bytes) in corpus { #expect(RequestProperties.violations(of: bytes) == [], "\(name)") }
        // The longest take long and have no more of the grammar.
        let seeds = corpus.map(\.bytes).filter { $0.count < 500 && !$0.contains(0x1A) }
        var mutation = Mutation(seed: 0x7265_7100 + UInt64(walk), others: seeds)
        for round in 0..<Self.requestInputs / Self.requestWalks {
            let changed = mutation.applied(to: seeds[round % seeds.count])
            // Byte by byte is dear without an optimiser.
            let violations = RequestProperties.violations(of: changed, round.isMultiple(of: 16) ? .bytes : .pieces)
            guard violations.isEmpty else {
                Issue.record("\(round): \(violations) in \(String(decoding: changed, as: UTF8.self).debugDescription)")
                return
            }
        }
    }

    private func walk(_ fuzzer: String, check: ([UInt8]) throws -> [String]) throws {
        let corpus = try Corpus.files(of: fuzzer)
        #expect(corpus.count > 20)
        var mutation = Mutation(seed: 0x6675_7A7A, others: corpus.map(\.bytes))
        for (name, bytes) in corpus {
            #expect(try check(bytes) == [], "\(name)")
            for round in 1...FuzzTests.rounds {
                let changed = mutation.applied(to: bytes)
                let violations = try check(changed)
                #expect(violations == [], "\(name), \(round): \(String(decoding: changed, as: UTF8.self))")
            }
        }
    }
}
