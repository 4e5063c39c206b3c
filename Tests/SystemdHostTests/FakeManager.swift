import Foundation
import Glibc
import Synchronization

/// A service manager's end of `$NOTIFY_SOCKET`, which keeps what it is given.
final class FakeManager: Sendable {
    /// A message and the descriptors that came with it.
    struct Message: Sendable, Equatable {
        let text: String
        let descriptors: [Int32]
    }

    private let socket: TestSocket
    private let messages = Mutex<[Message]>([])

    /// What arrived so far, barriers left out.
    var received: [Message] { messages.withLock { $0 } }

    /// Takes the place of the service manager of this process.
    init() throws {
        socket = try TestSocket(type: SOCK_DGRAM)
        setEnvironment("NOTIFY_SOCKET", socket.path)
    }

    /// Answers from now on, on a thread of its own.
    func start() {
        Thread { [self] in
            while true {
                let message = next()
                if message.text == "BARRIER=1" {
                    // The answer is the end of the pipe that came with it.
                    for descriptor in message.descriptors { close(descriptor) }
                } else {
                    messages.withLock { $0.append(message) }
                }
            }
        }.start()
    }

    private func next() -> Message {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        // Words, as the header of what comes along begins at the border of one: length, level and type, descriptors.
        var control = [Int](repeating: 0, count: 16)
        let (count, room) = unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe control.withUnsafeMutableBytes { control in
                var piece = unsafe iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return unsafe withUnsafeMutablePointer(to: &piece) { piece in
                    var header = unsafe msghdr()
                    unsafe header.msg_iov = piece
                    unsafe header.msg_iovlen = 1
                    unsafe header.msg_control = control.baseAddress
                    unsafe header.msg_controllen = control.count
                    let count = unsafe recvmsg(socket.descriptor, &header, 0)
                    return unsafe (count, header.msg_controllen)
                }
            }
        }
        var descriptors: [Int32] = []
        if room > 0 {
            unsafe control.withUnsafeBytes { control in
                let header = unsafe control.load(as: cmsghdr.self)
                guard header.cmsg_level == SOL_SOCKET, header.cmsg_type == Int32(SCM_RIGHTS) else { return }
                for offset in stride(from: MemoryLayout<cmsghdr>.size, to: header.cmsg_len, by: 4) {
                    unsafe descriptors.append(control.load(fromByteOffset: offset, as: Int32.self))
                }
            }
        }
        return Message(text: String(decoding: bytes.prefix(max(0, count)), as: UTF8.self), descriptors: descriptors)
    }
}
