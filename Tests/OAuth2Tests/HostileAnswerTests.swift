import TestSupport
import Testing

import OAuth2

@Suite("A broken or hostile answer") struct HostileAnswerTests {
    private static let token = "2YotnFZFEjr1zCsicMWpAA"

    private static let answers = [
        #"{"access_token":"\#(token)","token_type":"Bearer","expires_in":3600,"scope":"a b","refresh_token":"r"}"#,
        "\u{FEFF}{\"ok\":true,\"authed_user\":{\"accessToken\":\"\(token)\",\"expires\":\"1767229200\"}}",
        #"{"error":"invalid_grant","error_description":"token \#(token) is spent","suberror":"bad_token"}"#,
        #"{"errors":[{"errorType":"x","message":"no"}],"access_token":"\#(token)","scope":["a","b"]}"#,
        "access_token=\(token)&token_type=bearer&scope=repo%2Cgist",
        "error=x&error_description=Invalid+access+token%3A+\(token)",
        "<html><title>Welcome \(token)</title><body>\(token)</body></html>",
        "Authorization: Bearer \(token) was refused",
    ]

    @Test("cut off at any byte of its JSON gives no token", arguments: answers.filter { $0.contains("{") })
    func truncated(body: String) {
        let bytes = Array(body.utf8)
        for length in 0..<bytes.count {
            for status in [200, 400] {
                let failure = OAuth2Tests.failure(answer(status, bytes.prefix(length)))
                #expect(failure != nil, "\(length) bytes were taken for a token response")
                #expect(failure?.serverWords == nil)
            }
        }
    }

    @Test("cut off at any byte of anything else is read to an end", arguments: answers.filter { !$0.contains("{") })
    func truncatedText(body: String) {
        let bytes = Array(body.utf8)
        for length in 0...bytes.count {
            let words = failure(answer(400, bytes.prefix(length)))?.serverWords
            #expect(words?.contains(HostileAnswerTests.token) != true)
        }
    }

    @Test("cut off at any byte of metadata is refused")
    func truncatedMetadata() {
        let bytes = Array(#"{"issuer":"https://h","token_endpoint":"https://h/t","jwks_uri":"https://h/k"}"#.utf8)
        for length in 0..<bytes.count {
            #expect(throws: MetadataError.notMetadata) {
                try AuthorizationServerMetadata.read(body: Array(bytes.prefix(length)), issuer: "https://h")
            }
        }
    }

    @Test("in 20,000 mutations is always read to an end, keeps its bounds and never shows the token")
    func mutations() {
        var generator = SeededGenerator(seed: 0x7065_726D_7574_6531)
        let statuses = [200, 200, 400, 401, 403, 404, 429, 500, 503]
        for step in 0..<20_000 {
            guard let original = HostileAnswerTests.answers.randomElement(using: &generator),
                let status = statuses.randomElement(using: &generator)
            else { return }
            var body = Array(original.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&body, using: &generator) }
            check(TokenAnswer.read(answer(status, body, type: nil), grant: .clientCredentials), status, step: step)
        }
    }

    @Test("of 5,000 random bodies grants nothing")
    func randomBytes() {
        var generator = SeededGenerator(seed: 0x6E6F_6973_65)
        for _ in 0..<5_000 {
            let length = Int.random(in: 0...64, using: &generator)
            let body = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(failure(answer(200, body)) != nil)
        }
    }

    private func mutate(_ body: inout [UInt8], using generator: inout SeededGenerator) {
        let syntax = Array("{}[]\",:=&%+ \\<>\0\r\n\u{7F}0x".utf8)
        guard let position = body.indices.randomElement(using: &generator),
            let replacement = syntax.randomElement(using: &generator)
        else { return }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: body[position] = replacement
        case 1: body[position] = UInt8.random(in: 0...255, using: &generator)
        case 2: body.insert(replacement, at: position)
        case 3: body.remove(at: position)
        case 4: body.removeSubrange(position...)
        default: body.insert(contentsOf: body[position...].prefix(16), at: position)
        }
    }

    private func check(_ result: Result<TokenResponse, TokenEndpointFailure>, _ status: Int, step: Int) {
        switch result {
        case .success(let response):
            #expect(status == 200, "step \(step)")
            #expect(!response.accessToken.isEmpty, "step \(step)")
            #expect(response.accessToken.exposedBytes().allSatisfy { (0x21...0x7E).contains($0) }, "step \(step)")
            #expect(response.expiresIn.map { $0 >= .seconds(1) && $0 <= TokenResponse.maximumLifetime } != false)
        case .failure(let failure):
            for shown in [failure.error, failure.serverWords ?? ""] {
                #expect(!shown.contains(HostileAnswerTests.token), "step \(step)")
                #expect(shown.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }, "step \(step)")
                #expect(shown.utf8.count <= TokenEndpointFailure.maximumWords, "step \(step)")
            }
            #expect(!failure.error.isEmpty && failure.failureClass != .loginRequired, "step \(step)")
        }
    }
}
