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
