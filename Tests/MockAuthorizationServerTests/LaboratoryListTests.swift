import Diagnosis
import Foundation
import NIOHTTP1
import Testing

@testable import MockAuthorizationServer

@Suite("The laboratory's list")
struct LaboratoryListTests {
    @Test("every fault has its provider's name, a cause that a diagnosis knows, and one sentence")
    func names() {
        #expect(Set(LaboratoryFault.all.map(\.name)).count == LaboratoryFault.all.count)
        for fault in LaboratoryFault.all {
            #expect(fault.name.hasPrefix(fault.manner.prefix + "_"))
            #expect(CauseID(rawValue: fault.cause) != nil, "\(fault.name): \(fault.cause)")
            #expect(fault.summary.hasSuffix("."))
            #expect(!fault.grants.isEmpty)
        }
        #expect(LaboratoryFault.cognito.count >= 25)
    }

    @Test("every fault is tried by a test, but for those of certificates")
    func completeness() {
        let unseen = LaboratoryFault.all.filter { !$0.needs.contains(.certificate) }.map(\.name)
        #expect(Set(unseen).subtracting(LaboratoryAnswerTests.seen.union(LaboratoryWayTests.seen)) == [])
    }

    @Test("every provider has its faults, and every manner its words")
    func manners() {
        for manner in Manner.all {
            #expect(LaboratoryFault.all.contains { $0.manner.prefix == manner.prefix })
            for objection in Objection.allCases { #expect((200..<500).contains(manner.refusal(objection).status)) }
        }
    }

    @Test("the table and the document say the same")
    func lists() throws {
        let table = FaultList.table.split(separator: "\n")
        guard case .array(let documents) = JSONText.decode(Array(FaultList.json.utf8)) else {
            Issue.record("no array")
            return
        }
        #expect(documents.count == LaboratoryFault.all.count)
        for (fault, document) in zip(LaboratoryFault.all, documents) {
            guard case .object(let members) = document else {
                Issue.record("no object")
                continue
            }
            #expect(members["name"] == .string(fault.name))
            #expect(members["cause"] == .string(fault.cause))
            #expect(members["provider"] == .string(fault.provider))
            #expect(members["met_by_daemon"] == .bool(fault.isMetByDaemon))
            let line = try #require(table.firstIndex { $0.hasPrefix(fault.name + " ") })
            #expect(table[line].contains(" \(fault.cause)"))
            #expect(table[line + 1] == "    " + fault.summary)
        }
    }

    @Test("a name that is misspelt has its neighbours told, and a strange one has none")
    func neighbours() {
        #expect(LaboratoryFault.names(near: "cognito_grant_not_alowed").first == "cognito_grant_not_allowed")
        #expect(LaboratoryFault.names(near: "Entra_Wrong_Secret").first == "entra_wrong_secret")
        #expect(
            LaboratoryFault.objection(to: "xyzzy") == "there is no fault xyzzy; --list-faults tells which there are"
        )
    }

    @Test("a fault that needs more than is there is refused, and names it")
    func needs() async throws {
        try await withServer { server in
            for (name, need) in [
                ("cognito_certificate_expired", "--certificate"), ("cognito_second_secret", "--client"),
            ] {
                let fault = try #require(LaboratoryFault.named(name))
                let error = #expect(throws: MockAuthorizationServer.Unprepared.self) { try server.setFault(fault) }
                #expect(error?.description.contains(need) == true)
            }
            #expect(server.fault == nil)
        }
    }

    @Test("the control interface lists faults, sets them, says where to ask, and ends them")
    func control() async throws {
        try await withServer { server in
            let control = server.controlURL
            let listed = try await Caller.send(.GET, control + "/faults")
            #expect(Array(listed.text.utf8) == FaultList.document.encoded())
            let form = "grant_type=client_credentials"

            let set = try await Caller.send(.PUT, control + "/fault", body: #"{"name": "cognito_wrong_path"}"#)
            #expect(set.status == 200)
            #expect(set["fault"] == "cognito_wrong_path")
            #expect(set["issuer"] == server.issuer)
            #expect(set["jwks_uri"]?.hasSuffix("/eu-west-1_Laboratory/.well-known/jwks.json") == true)
            let endpoint = try #require(set["token_endpoint"])
            #expect(endpoint.hasSuffix("/oauth/token"))
            #expect(try await Caller.post(form, to: endpoint).status == 405)

            let unknown = try await Caller.send(.PUT, control + "/fault", body: #"{"name": "cognito_wrong_pth"}"#)
            #expect(unknown.status == 404)
            #expect(unknown["error"]?.contains("did you mean cognito_wrong_path") == true)
            let unprepared = try await Caller.send(
                .PUT,
                control + "/fault",
                body: #"{"name": "cognito_certificate_expired"}"#
            )
            #expect(unprepared.status == 409)
            #expect(try await Caller.send(.GET, control + "/fault")["fault"] == "cognito_wrong_path")

            let manner = try await Caller.send(.PUT, control + "/fault", body: #"{"manner": "keycloak"}"#)
            #expect(manner.members["fault"] == .null)
            let keycloak = try #require(manner["token_endpoint"])
            #expect(keycloak.hasSuffix("/realms/laboratory/protocol/openid-connect/token"))
            #expect(try await Caller.post(form, to: keycloak).status == 200)

            let ended = try await Caller.send(.PUT, control + "/fault", body: #"{"name": null}"#)
            #expect(ended["token_endpoint"] == server.tokenEndpoint)
            #expect(try await Caller.post(form, to: server.tokenEndpoint).headers["Date"].isEmpty)
            #expect(try await Caller.post(form, to: keycloak).status == 404)
        }
    }
}
