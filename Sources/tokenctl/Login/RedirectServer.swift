import LinuxHost

/// Waits on this machine for the browser that comes back from a login.
final class RedirectServer {
    /// A browser opens some that it may never use, which must not keep the one that counts from being answered.
    static let mostVisits = 16

    /// From the connection to the end of the request's head, and again for the answer to be taken.
    static let patience: Duration = .seconds(10)

    /// A connection of a browser's.
    final class Visit {
        fileprivate let connection: LoopbackConnection
        fileprivate var reader: RedirectRequestReader
        fileprivate var deadline: Duration
        /// Whether the daemon is being asked about it.
        fileprivate var isHandedOver = false
        /// What is left of the answer.
        fileprivate var answer: ArraySlice<UInt8> = []

        fileprivate init(_ connection: LoopbackConnection, _ reader: RedirectRequestReader, until deadline: Duration) {
            self.connection = connection
            self.reader = reader
            self.deadline = deadline
        }
    }

    let port: UInt16

    /// Whether a browser is answered; otherwise the port is only nobody else's.
    let isListening: Bool
    private var listener: LoopbackListener?
    private let path: String
    private var visits: [Visit] = []

    init(_ address: RedirectAddress, isListening: Bool = true) throws(HostError) {
        let listener = try LoopbackListener(address.address, port: address.port, isListening: isListening)
        self.isListening = isListening
        port = listener.port
        path = address.path
        self.listener = consume listener
    }

    /// Accepts nobody and serves nobody any more.
    func close() {
        listener = nil
        visits = []
    }

    /// What is to be waited for.
    var interests: [Readiness.Interest] {
        var interests = visits.filter { !$0.isHandedOver }
            .map { Readiness.Interest($0.connection.number, isWriting: !$0.answer.isEmpty) }
        if isListening, let number = listener?.number { interests.append(Readiness.Interest(number)) }
        return interests
    }

    /// When the next of them has had its time.
    var deadline: Duration? { visits.filter { !$0.isHandedOver }.map(\.deadline).min() }

    /// Goes on with what `ready` says can be used, and returns who brought a redirect, and which.
    func serve(_ ready: Set<Int32>, now: Duration) -> [(visit: Visit, redirect: String)] {
        var redirects: [(Visit, String)] = []
        for visit in visits where !visit.isHandedOver {
            if ready.contains(visit.connection.number) {
                if visit.answer.isEmpty {
                    if let redirect = read(visit, now) { redirects.append((visit, redirect)) }
                } else {
                    write(visit)
                }
            }
            if !visit.isHandedOver && visit.deadline <= now { drop(visit) }
        }
        accept(now)
        return redirects
    }

    /// Shows `page` to who brought a redirect.
    func answer(_ visit: Visit, _ page: RedirectPage, now: Duration) {
        visit.isHandedOver = false
        visit.deadline = now + Self.patience
        visit.answer = page.bytes[...]
        write(visit)
    }

    private func accept(_ now: Duration) {
        while isListening, let connection = listener?.accept() {
            if visits.count >= Self.mostVisits {
                // The one that has waited longest without saying anything.
                guard let idle = visits.first(where: { !$0.isHandedOver && $0.answer.isEmpty }) else { return }
                drop(idle)
            }
            let reader = RedirectRequestReader(path: path, authorities: RedirectAddress.authorities(port: port))
            visits.append(Visit(connection, reader, until: now + Self.patience))
        }
    }

    /// The redirect, once it is there.
    private func read(_ visit: Visit, _ now: Duration) -> String? {
        guard let received = visit.connection.receive(maximumBytes: visit.reader.room) else { return nil }
        guard !received.isEmpty else {
            drop(visit)
            return nil
        }
        switch visit.reader.append(received) {
        case .needsMore: return nil
        case .redirect(let redirect):
            visit.isHandedOver = true
            return redirect
        case .refused(let page):
            answer(visit, page, now: now)
            return nil
        }
    }

    private func write(_ visit: Visit) {
        guard let count = visit.connection.send(visit.answer) else { return drop(visit) }
        visit.answer.removeFirst(count)
        guard visit.answer.isEmpty else { return }
        // What is left unread would reset the connection before the answer is read.
        _ = visit.connection.receive(maximumBytes: RedirectRequestReader.maximumHead)
        drop(visit)
    }

    private func drop(_ visit: Visit) { visits.removeAll { $0 === visit } }
}
