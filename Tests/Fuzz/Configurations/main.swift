import CFuzzer
import FuzzProperties

let properties = try ConfigurationProperties()
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
_ = unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    do {
        let violations = try properties.violations(of: unsafe Array(UnsafeBufferPointer(start: data, count: size)))
        // The end of the process is how libFuzzer hears of it.
        if !violations.isEmpty { fatalError(violations.joined(separator: "; ")) }
    } catch {
        fatalError("\(error)")
    }
    return 0
}
