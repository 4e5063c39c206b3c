import Foundation

/// The products under test, as the build left them beside the test bundle.
enum Binaries {
    private static let bundle = Bundle.main.bundleURL

    /// Where they all are.
    static let directory = bundle.path

    static let tokenbrokerd = bundle.appending(path: "tokenbrokerd").path
    static let tokenctl = bundle.appending(path: "tokenctl").path
    static let shiftedClocks = bundle.appending(path: "libShiftedClocks.so").path
    static let legacyKernel = bundle.appending(path: "libLegacyKernel.so").path
    static let failingDisk = bundle.appending(path: "libFailingDisk.so").path
    static let testCaller = bundle.appending(path: "test-caller").path
    static let mockAuthorizationServer = bundle.appending(path: "mock-authorization-server").path
}
