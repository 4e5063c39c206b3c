package import LocalAPI

/// Takes bytes as they come and gives requests: HTTP/1.1 with GET, POST and Content-Length, strict and bounded.
///
/// A head is read only when it is whole, and its bytes are looked at one by one before that, so how they were split
/// cannot make a difference.
package struct RequestParser: Sendable {
    /// Ours is a small interface; a longer head is a mistake or an attack.
    package static let maximumHead = 8 * 1_024

    /// A form or a token, with room to spare.
    package static let maximumBody = 16 * 1_024

    /// What the bytes so far amount to.
    package enum Outcome: Sendable, Equatable {
        case needsMore
        /// The head is whole and its sender waits to be told to send the body (RFC 9110 §10.1.1).
        case needsBodyAfterContinue
        case request(HTTPRequest)
        /// The connection cannot be read any further.
        case refused(APIError)
    }

    /// Kept by an idle connection: an ordinary request fits.
    private static let keptCapacity = 1_024

    private var bytes = WipedBytes(keptCapacity: keptCapacity)
    private var scanner = HeadScanner()
    private var head: ParsedHead?
    private var saidContinue = false

    package init() {}

    /// What is held of requests that are not whole yet; a head that waits for its body counts too.
    package var heldBytes: Int { bytes.count + (head?.length ?? 0) }

    /// What it takes of the heap.
    package var capacity: Int { bytes.capacity }

    /// Adds what was read.
    package mutating func append(_ received: some Collection<UInt8>) { bytes.append(received) }

    /// Adds what was read.
    package mutating func append(_ received: Span<UInt8>) { bytes.append(received) }

    /// Forgets what was added, and overwrites it.
    package mutating func wipe() {
        bytes.wipe()
        scanner = HeadScanner()
        head = nil
        saidContinue = false
    }

    /// The next request in what was added.
    package mutating func next() -> Outcome {
        do throws(APIError) {
            if head == nil {
                guard let end = try scanner.headEnd(in: bytes) else {
                    // A burst of requests may have come before this one.
                    bytes.shrink()
                    return .needsMore
                }
                head = try HeadParser.parse(bytes)
                head?.length = end
                bytes.removeFirst(end)
                scanner = HeadScanner()
            }
            guard let head else { return .needsMore }
            guard bytes.count >= head.contentLength else {
                guard head.expectsContinue, !saidContinue else { return .needsMore }
                saidContinue = true
                return .needsBodyAfterContinue
            }
            var request = head.request
            if head.contentLength > 0 {
                request.body = bytes.prefix(head.contentLength)
                bytes.removeFirst(head.contentLength)
            }
            self.head = nil
            saidContinue = false
            return .request(request)
        } catch {
            return .refused(error)
        }
    }
}

/// A head and what it says of the body.
struct ParsedHead: Sendable {
    var request: HTTPRequest
    var contentLength = 0
    var expectsContinue = false
    /// The bytes it took.
    var length = 0
}
