import CFuzzer
import FuzzProperties

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
_ = unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    let violations = RequestProperties.violations(of: unsafe Array(UnsafeBufferPointer(start: data, count: size)))
    // The end of the process is how libFuzzer hears of it.
    if !violations.isEmpty { fatalError(violations.joined(separator: "; ")) }
    return 0
}
