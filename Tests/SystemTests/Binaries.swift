import Foundation

/// The products under test, as the build left them beside the test bundle.
enum Binaries {
    private static let directory = Bundle.main.bundleURL

    static let tokenbrokerd = directory.appending(path: "tokenbrokerd").path
    static let tokenctl = directory.appending(path: "tokenctl").path
    static let shiftedClocks = directory.appending(path: "libShiftedClocks.so").path
    static let failingDisk = directory.appending(path: "libFailingDisk.so").path
    static let mockAuthorizationServer = directory.appending(path: "mock-authorization-server").path
}
