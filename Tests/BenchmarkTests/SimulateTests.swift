import Benchmarking
import Simulation
import Testing

@Suite("benchmark simulate") struct SimulateTests {
    @Test("lives through a small day, and every goal is met")
    func smallDay() throws {
        let command = try ChildProcess(Binaries.path("benchmark"), ["simulate", "--quick"], output: .pipe)
        let said = command.readAll()
        #expect(command.wait().status == 0)
        #expect(said.contains("2,000 slots") && said.contains("restart, tokens stored"))
        #expect(said.contains("most requests within any second") && !said.contains("**no**"))
    }

    @Test("draws what is there as a bar, however little, and what is more than all as a full one")
    func strip() {
        #expect(Strip.text([0, 0.1, 50, 100, 200], top: 100) == " ▁▄██")
    }
}
