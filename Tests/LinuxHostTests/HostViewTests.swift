import Glibc
import Testing

@testable import LinuxHost

@Suite("What a process can tell of others")
struct HostViewTests {
    @Test(
        "a map of the whole has every number but the last, which is nobody's",
        arguments: [
            ("         0          0 4294967295\n", true), ("0 0 4294967295", true),
            ("1 1 4294967294\n0 100000 1\n", true), ("0 0 1000\n1000 5000 4294966295\n", true),
            ("", false), ("0 0 1\n", false), ("0 0 4294967294\n", false), ("1 1 4294967294\n", false),
            ("0 0 1000\n1001 1001 4294966294\n", false), ("0 100000 65536\n", false), ("0 0 x", false), ("0 0", false),
        ]
    )
    func isWhole(text: String, isWhole: Bool) { #expect(IDMap(text).isWhole == isWhole) }

    @Test("a part of it has what is within")
    func contains() {
        let map = IDMap("0 100000 10\n61300 61300 1\n4294967290 1 5\n")
        for number: UInt32 in [0, 9, 61_300, 4_294_967_290, 4_294_967_294] { #expect(map.contains(number)) }
        for number: UInt32 in [10, 61_299, 61_301, 65_534, 100_000, .max] { #expect(!map.contains(number)) }
        // More than there is.
        #expect(!IDMap("4294967290 1 100").contains(4_294_967_290))
    }

    private static let mount = "85 67 0:39 / /proc rw,relatime - proc proc rw"
    private static let unified = "0::/init.scope\n"
    private static let service = "0::/system.slice/tokenbrokerd.service\n"
    private static let ordinary = "Uid:\t9\t9\t9\t9\nGid:\t9\t9\t9\t9\nGroups:\t9 50 \nCapEff:\t0000000000000000\n"
    private static let tracer = ordinary.replacing("CapEff:\t0000000000000000", with: "CapEff:\t0000000000080000")
    private static let root = ordinary.replacing("Gid:\t9\t9", with: "Gid:\t9\t0")

    @Test(
        "nothing is in the way of the cgroups of others, or this is",
        arguments: [
            (service, unified, mount, ordinary, nil),
            ("9:name=systemd:/\n0::/\n", "1:cpu:/\n0::/\n", mount, ordinary, nil),
            (nil, nil, "", "", .noProc),
            (service, nil, mount, ordinary, .processesHidden),
            (service, unified, mount + ",hidepid=off", ordinary, nil),
            (service, unified, mount + ",hidepid=0", ordinary, nil),
            (service, unified, mount + ",hidepid=invisible", ordinary, .processesHidden),
            (service, unified, mount + ",hidepid=2,subset=pid", ordinary, .processesHidden),
            (service, unified, mount + ",subset=pid", ordinary, nil),
            (service, unified, mount + ",hidepid=noaccess", ordinary, .processesHidden),
            (service, unified, mount + ",hidepid=4", ordinary, .processesHidden),
            // Whoever may trace all sees all; so do members of a group, which is root's unless the mount says another.
            (service, unified, mount + ",hidepid=invisible", tracer, nil),
            (service, unified, mount + ",hidepid=ptraceable", tracer, nil),
            (service, unified, mount + ",hidepid=invisible", root, nil),
            (service, unified, mount + ",gid=50,hidepid=invisible", ordinary, nil),
            (service, unified, mount + ",gid=51,hidepid=invisible", ordinary, .processesHidden),
            (service, unified, mount + ",gid=50,hidepid=ptraceable", ordinary, .processesHidden),
            // The mount on top counts, and mounts elsewhere do not.
            (service, unified, mount + ",hidepid=2\n" + mount, ordinary, nil),
            (
                service, unified, mount + "\n" + mount.replacing(" /proc rw", with: " /x/proc rw") + ",hidepid=2",
                ordinary, nil
            ),
            (
                service, unified, "85 67 0:39 / /proc rw shared:1 master:2 - proc proc rw,hidepid=2", ordinary,
                .processesHidden
            ),
            ("9:name=systemd:/system.slice/a.service\n", "1:cpu:/\n", mount, ordinary, .noUnifiedHierarchy),
            ("0::/\n", "0::/../../init.scope\n", mount, ordinary, .cgroupNamespace),
            ("0::/../a.service\n", unified, mount, ordinary, .cgroupNamespace),
        ] as [(String?, String?, String, String, CgroupObstacle?)]
    )
    func cgroups(own: String?, first: String?, mounts: String, status: String, obstacle: CgroupObstacle?) {
        let evidence = CgroupObstacle.Evidence(own: own, first: first, mounts: mounts, status: status)
        #expect(CgroupObstacle(evidence) == obstacle)
    }

    @Test("this process's view is the kernel's word for it")
    func current() throws {
        let view = HostView.current()
        #expect(view.users == IDMap(try text(of: "/proc/self/uid_map")))
        #expect(view.users.contains(geteuid()) || geteuid() == 65_534)
        var release = utsname()
        let known = unsafe uname(&release)
        #expect(known == 0)
        let text = unsafe withUnsafeBytes(of: release.release) {
            unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        let numbers = text.split(separator: ".").prefix(2).compactMap { Int($0) }
        #expect(view.namesPeerProcesses == (numbers.count == 2 && (numbers[0], numbers[1]) >= (6, 5)))
    }
}
