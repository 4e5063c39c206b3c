import Glibc
import MockAuthorizationServer
import Testing

@Suite("Callers of a rotating grant", .timeLimit(.minutes(5)))
struct RotationConcurrencyTests {
    private static let scopes = ["files", "mail", "notes", "photos", "tasks"]
    private static let callers = 200

    @Test("at once over several scopes cost one request a scope, one after the other, each with the newest token")
    func scopes() async throws {
        let scope = Self.scopes.joined(separator: " ")
        let list = Self.scopes.map { "\"\($0)\"" }.joined(separator: ", ")
        let keys = """
            scopes = ["\(Self.scopes[0])"]
            allow = [{ user = \(geteuid()), scopes = [\(list)] }]
            """
        try await withRotation(.strict, scope: scope, keys: keys) { rotation in
            try await withDaemon(in: rotation.room) { _ in
                let answers = try await fetch(rotation)
                for (scope, answers) in Dictionary(grouping: answers, by: \.scope) {
                    #expect(answers.map(\.answer.status) == Array(repeating: 200, count: answers.count), "\(scope)")
                    #expect(answers.allSatisfy { $0.answer.string("scope") == scope }, "\(scope)")
                    let tokens = Set(answers.map { $0.answer.string("access_token") })
                    #expect(tokens.count == 1 && !tokens.contains(nil), "\(scope)")
                }
                #expect(Set(answers.map { $0.answer.string("access_token") }).count == Self.scopes.count)
            }
            let expected = Array(repeating: RefreshJudgement.current, count: Self.scopes.count)
            #expect(rotation.judgements() == expected, "\(rotation.evidence())")
            let presented = rotation.server.presentations(of: rotation.id(of: RotationRoom.client))
            #expect(presented.map(\.generation) == Array(1...Self.scopes.count), "\(rotation.evidence())")
            #expect(rotation.server.counters().total.maximumInFlight == 1)
        }
    }

    private func fetch(_ rotation: RotationRoom) async throws -> [(scope: String, answer: SocketHTTP.Answer)] {
        rotation.server.setBehaviour(.held, times: 1)
        return try await withThrowingTaskGroup(of: (String, SocketHTTP.Answer).self) { group in
            for number in 0..<Self.callers {
                let scope = Self.scopes[number % Self.scopes.count]
                group.addTask { (scope, try await rotation.fetch(RotationRoom.client, "?scope=\(scope)&timeout=60")) }
            }
            // All of them are there before the first is answered.
            try await rotation.counters("the request") { $0.held == 1 }
            try await rotation.room.metric("tokenbroker_connections") { $0 > Double(Self.callers) }
            rotation.server.release()
            var answers: [(scope: String, answer: SocketHTTP.Answer)] = []
            for try await (scope, answer) in group { answers.append((scope, answer)) }
            return answers
        }
    }
}
