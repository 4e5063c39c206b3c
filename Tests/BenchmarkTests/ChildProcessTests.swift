import Benchmarking
import Testing

@Suite struct ChildProcessTests {
    @Test func `Its output, its status and its faults are told`() throws {
        let process = try ChildProcess("sh", ["-c", "echo one; echo two; exit 3"], output: .pipe)
        #expect(process.readLine() == "one")
        #expect(process.readAll() == "two\n")
        let end = process.wait()
        #expect(end.status == 3)
        #expect(end.minorFaults > 0)
        #expect(process.ended == end)
    }

    @Test func `One that stays is ended`() throws {
        let process = try ChildProcess("cat", input: .pipe)
        #expect(process.ended == nil)
        #expect(process.stop().status == -15)
    }

    @Test func `It reads what its input ends with`() throws {
        let process = try ChildProcess("cat", input: .pipe)
        process.closeInput()
        #expect(process.wait().status == 0)
    }

    @Test func `Time and memory are its own and its children's`() throws {
        let script = "x=; while [ ${#x} -lt 20000 ]; do x=x$x; done; echo; read line"
        let process = try ChildProcess("sh", ["-c", "sh -c '\(script)'; :"], input: .pipe, output: .pipe)
        _ = process.readLine()
        #expect(process.processorTime > .milliseconds(1))
        let memory = process.memory
        #expect(memory.resident > memory.proportional)
        #expect(memory.proportional > memory.anonymous)
        #expect(memory.anonymous > 0)
        process.closeInput()
        #expect(process.wait().status != -1)
    }

    @Test func `It is kept on its processor`() throws {
        let processor = try #require(Processors.available.last)
        let process = try ChildProcess(
            "sh",
            ["-c", "grep Cpus_allowed_list /proc/self/status"],
            processor: processor,
            output: .pipe
        )
        #expect(process.readAll().split(whereSeparator: \.isWhitespace).last == "\(processor)")
    }

    @Test func `A program that is not there is named`() {
        #expect(throws: BenchmarkFailure.self) { try ChildProcess("no-such-program-anywhere") }
        #expect(throws: BenchmarkFailure.self) { try ChildProcess("/no-such-program-anywhere") }
    }
}
