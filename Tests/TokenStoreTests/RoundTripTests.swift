import Foundation
import OAuth2
import TestSupport
import Testing

@testable import TokenStore

struct RoundTripTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    static let hostileTexts = [
        "", " ", "read write", "'; DROP TABLE access_token; --", "\"", "\\", "\0", "a\0b", "\n", "\u{1B}[2J", "%00",
        "{}",
        "null", "é", "e\u{301}", "\u{202E}", "𝕏", "👩‍👩‍👧", String(repeating: "x", count: 100_000), "1", "0x31",
        "api://a/.default",
    ]

    @Test(arguments: hostileTexts)
    func `A token comes back as it was saved, whatever its target's texts`(text: String) async throws {
        let target = TokenTarget(
            scope: ScopeSet([text, "plain", text + "2"]),
            audience: text,
            resource: [text, "https://r/" + text]
        )
        var token = makeToken(target: target)
        token.clientID = text
        token.tokenEndpoint = text
        token.token.tokenType = text
        token.token.scope = ScopeSet([text, "granted"])
        token.token.value = Secret(text)
        let store = try directory.open(keys)
        try await store.save(token)
        try store.close()
        let reopened = try directory.open(keys)
        let found = try reopened.tokens()
        #expect(found == StoredTokens(tokens: [token], unreadable: []))
        // Swift compares texts by their meaning; what is sent to a server has to be the same bytes.
        let restored = try #require(found.tokens.first)
        #expect(restored.slot.target.audience.map { Array($0.utf8) } == Array(text.utf8))
        #expect(restored.slot.target.scope.tokens.map { Array($0.utf8) } == target.scope.tokens.map { Array($0.utf8) })
        #expect(restored.token.value.exposedBytes() == Array(text.utf8))
    }

    @Test func `No audience and an empty one are two slots`() async throws {
        let store = try directory.open(keys)
        let targets = [
            TokenTarget(), TokenTarget(audience: ""), TokenTarget(scope: ScopeSet(["a b"])),
            TokenTarget(scope: ScopeSet(["a", "b"])), TokenTarget(resource: ["a", "b"]), TokenTarget(resource: ["a b"]),
        ]
        for (number, target) in targets.enumerated() { try await store.save(makeToken(number, target: target)) }
        #expect(try store.tokens().tokens == targets.enumerated().map { makeToken($0.offset, target: $0.element) })
    }

    @Test func `What a token lacks is lacking when it comes back`() async throws {
        let store = try directory.open(keys)
        var token = makeToken()
        token.token.lifetime = nil
        token.refreshAge = nil
        token.lastAsked = nil
        token.token.value = Secret(bytes: [])
        token.token.scope = .none
        try await store.save(token)
        #expect(try store.tokens().tokens == [token])
    }

    @Test func `A save replaces what its slot holds and nothing else`() async throws {
        let store = try directory.open(keys)
        let other = makeToken(3, client: "shipping")
        try await store.save(makeToken(1))
        try await store.save(other)
        try await store.save(makeToken(2))
        #expect(Set(try store.tokens().tokens.map(\.clientID)) == ["id-2", "id-3"])
        #expect(try store.tokens().tokens.contains(other))
    }

    @Test func `The last asking is kept by a save without one`() async throws {
        let store = try directory.open(keys)
        var token = makeToken()
        try await store.save(token)
        let asked = Receipt(moment: moment(50), boot: BootID("later"))
        try await store.recordLastAsked([token.slot: asked])
        token.lastAsked = nil
        token.token.value = Secret("next")
        try await store.save(token)
        token.lastAsked = asked
        #expect(try store.tokens() == StoredTokens(tokens: [token], unreadable: []))
    }

    @Test func `An asking of a slot without a token is not kept`() async throws {
        let store = try directory.open(keys)
        try await store.recordLastAsked([makeToken().slot: Receipt(moment: moment(1), boot: BootID("b"))])
        #expect(try store.tokens() == StoredTokens(tokens: [], unreadable: []))
    }

    @Test func `Removal takes one slot, or all of a client, and leaves the rest`() async throws {
        let store = try directory.open(keys)
        let tokens = ["billing", "billing2", "shipping"].flatMap { client in
            (1...3).map { makeToken($0, client: client, target: TokenTarget(audience: "\($0)")) }
        }
        for token in tokens { try await store.save(token) }
        try await store.removeTokens(of: clientName("billing"))
        try await store.removeToken(tokens[8].slot)
        #expect(try store.tokens().tokens == Array(tokens[3..<8]))
    }

    @Test func `A random walk of saves, askings, removals and restarts agrees with a dictionary`() async throws {
        var random = SeededGenerator(seed: 2)
        var model: [TokenSlotID: StoredToken] = [:]
        var store = try directory.open(keys)
        try await store.doNotWaitForTheDisk()
        for step in 0..<600 {
            let client = ["a", "b", "c"].randomElement(using: &random) ?? ""
            let audience = ["x", "y", nil].randomElement(using: &random) ?? nil
            let token = makeToken(step, client: client, target: TokenTarget(audience: audience))
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<10:
                try await store.save(token)
                model[token.slot] = token
            case 10..<15:
                let asked = Receipt(moment: moment(step), boot: BootID("walk"))
                try await store.recordLastAsked([token.slot: asked])
                model[token.slot]?.lastAsked = asked
            case 15..<17:
                try await store.removeToken(token.slot)
                model[token.slot] = nil
            case 17:
                try await store.removeTokens(of: token.slot.client)
                model = model.filter { $0.key.client != token.slot.client }
            default:
                try store.close()
                store = try directory.open(keys)
                try await store.doNotWaitForTheDisk()
            }
            let found = try store.tokens()
            #expect(found.unreadable.isEmpty)
            #expect(Dictionary(uniqueKeysWithValues: found.tokens.map { ($0.slot, $0) }) == model)
        }
        #expect(store.salvage == nil)
    }

    @Test func `Slots that are equal but written differently come back as one, the newest`() async throws {
        let store = try directory.open(keys)
        try await store.save(makeToken(2, target: TokenTarget(audience: "\u{E9}")))
        try await store.save(makeToken(1, target: TokenTarget(audience: "e\u{301}")))
        #expect(try store.tokens().tokens.map(\.clientID) == ["id-2"])
    }

    static let durations: [(Duration, Int64)] = [
        (.zero, 0), (.nanoseconds(-1), -1), (.seconds(3) + .nanoseconds(7), 3_000_000_007),
        (Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999), 1),
        (.seconds(Int64.max), .max), (.seconds(Int64.min), .min), (.nanoseconds(Int64.max), .max),
        (.nanoseconds(Int64.min), .min),
    ]

    @Test(arguments: durations)
    func `A duration is kept in whole nanoseconds`(duration: Duration, nanoseconds: Int64) {
        #expect(duration.nanoseconds == nanoseconds)
    }
}
