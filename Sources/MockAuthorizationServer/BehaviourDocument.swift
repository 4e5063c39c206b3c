/// A behaviour as the control interface is told it: `Behaviour` in JSON, whom it is for, and how often.
struct BehaviourDocument: Sendable, Equatable {
    var behaviour = Behaviour()
    var client: String?
    var endpoint = Endpoint.token
    var times: Int?

    /// The members that a document may have.
    static let members = [
        "client", "endpoint", "times", "hold", "delay", "fault", "status", "body", "body_size", "content_type",
        "headers", "retry_after", "error", "error_description", "acts_first", "members", "omit", "lifetime",
        "same_token",
    ]

    /// Reads a document, and says which member is wrong.
    init(_ document: [String: JSONValue]) throws(ControlError) {
        let members = DocumentMembers(document)
        try members.allow(BehaviourDocument.members)
        client = try members.string("client")
        endpoint = try members.word("endpoint") ?? .token
        times = try members.integer("times")
        behaviour.hold = try members.bool("hold") ?? false
        behaviour.delay = try members.duration("delay") ?? .zero
        behaviour.fault = try members.word("fault")
        behaviour.status = try members.integer("status")
        behaviour.body = try members.string("body")
        behaviour.bodySize = try members.integer("body_size")
        behaviour.contentType = try members.string("content_type")
        for (name, value) in try members.object("headers") ?? [:] {
            guard case .string(let text) = value else { throw ControlError("headers: \(name) is not a string") }
            behaviour.headers[name] = text
        }
        // Also as the number that a shell script writes.
        behaviour.retryAfter = try members.text("retry_after")
        behaviour.error = try members.string("error")
        behaviour.errorDescription = try members.string("error_description")
        behaviour.actsFirst = try members.bool("acts_first") ?? false
        behaviour.members = try members.object("members") ?? [:]
        behaviour.omit = try members.strings("omit") ?? []
        behaviour.lifetime = try members.duration("lifetime")
        behaviour.sameToken = try members.bool("same_token") ?? false
        if let status = behaviour.status, !(200...599).contains(status) {
            throw ControlError("status is not between 200 and 599")
        }
        if let size = behaviour.bodySize, !(0...BehaviourDocument.maximumBodySize).contains(size) {
            throw ControlError("body_size is not between 0 and \(BehaviourDocument.maximumBodySize)")
        }
    }

    /// 64 MiB, beyond every client's limit.
    private static let maximumBodySize = 64 << 20
}
