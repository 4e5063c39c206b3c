import LinuxHost
import Testing

@Suite("The unit of a cgroup")
struct SystemdUnitTests {
    @Test(
        "the first component after the leading slices names the unit",
        arguments: [
            ("/system.slice/billing.service", "billing.service"),
            ("/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"),
            ("/billing.service", "billing.service"),
            ("/init.scope", "init.scope"),
            ("/a.slice/a-b.slice/a-b-c.slice/d.service", "d.service"),
            ("//system.slice//billing.service/", "billing.service"),
            // A unit that was given its cgroup to divide names what is below as it likes.
            ("/system.slice/evil.service/billing.service", "evil.service"),
            ("/system.slice/evil.service/system.slice/billing.service", "evil.service"),
            ("/system.slice/evil.service/user.slice/user-0.slice/user@0.service/a.service", "evil.service"),
            ("/system.slice/docker-4f5e.scope/system.slice/billing.service", "docker-4f5e.scope"),
            ("/machine.slice/machine-box.scope/payload/system.slice/billing.service", "machine-box.scope"),
            ("/machine.slice/machine-qemu.scope/libvirt/billing.service", "machine-qemu.scope"),
            ("/system.slice/foo.service/billing.service", "foo.service"),
            ("/system.slice/xbilling.service", "xbilling.service"),
            ("/system.slice/billing.service.service", "billing.service.service"),
            ("/system.slice/containerd.service/kubepods-a.slice:cri:4f5e", "containerd.service"),
            // Escapes of unit names stand; the underscore before names that are the kernel's goes.
            (#"/system.slice/system-a\x2db.slice/a\x2db@c\x2fd.service"#, #"a\x2db@c\x2fd.service"#),
            ("/system.slice/_memory.service", "memory.service"),
            ("/system.slice/__a.service", "_a.service"),
        ]
    )
    func system(cgroup: String, unit: String) {
        #expect(SystemdUnit(cgroup: cgroup) == .system(unit))
    }

    @Test(
        "a user's unit belongs to that user's manager",
        arguments: [
            ("/user.slice/user-1000.slice/user@1000.service/app.slice/sync.service", "sync.service", 1_000),
            ("/user.slice/user-0.slice/user@0.service/init.scope", "init.scope", 0),
            ("/user.slice/user-7.slice/user@7.service/a.slice/a-b.slice/c.service/billing.service", "c.service", 7),
            // Whatever a user calls it, it is not the system's.
            ("/user.slice/user-7.slice/user@7.service/system.slice/billing.service", "billing.service", 7),
            (
                "/user.slice/user-7.slice/user@7.service/user.slice/user-0.slice/user@0.service/a.service",
                "user@0.service", 7
            ),
            ("/user.slice/user-4294967295.slice/user@4294967295.service/_cpu.service", "cpu.service", 4_294_967_295),
        ] as [(String, String, UInt32)]
    )
    func user(cgroup: String, unit: String, uid: UInt32) {
        #expect(SystemdUnit(cgroup: cgroup) == .user(unit, uid: uid))
    }

    @Test(
        "everything else is in no unit",
        arguments: [
            "", "/", "system.slice", "/system.slice", "/a.slice/b.slice",
            // Sessions and the users' managers themselves.
            "/user.slice", "/user.slice/user-1000.slice", "/user.slice/user-1000.slice/session-3.scope",
            "/user.slice/user-1000.slice/user@1000.service", "/user.slice/user-1000.slice/user@1000.service/app.slice",
            // What is under user.slice is never the system's.
            "/user.slice/billing.service", "/user.slice/system.slice/billing.service", "/user.slice/user@0.service",
            "/user.slice/a.slice/billing.service", "/user.slice//billing.service",
            // Another user's manager in a user's slice, and numbers that are none.
            "/user.slice/user-1000.slice/user@0.service/a.service",
            "/user.slice/user-1000.slice/user@01000.service/a.service",
            "/user.slice/user-+1000.slice/user@1000.service/a.service",
            "/user.slice/user-01000.slice/user@1000.service/a.service",
            "/user.slice/user-.slice/user@.service/a.service",
            "/user.slice/user--1.slice/user@-1.service/a.service",
            "/user.slice/user-4294967296.slice/user@4294967296.service/a.service",
            "/user.slice/user-1000.slice/user@1000.service/payload/a.service",
            // Containers whose cgroups no systemd made.
            "/docker/4f5e", "/docker/4f5e/system.slice/billing.service", "/lxc.payload.box/system.slice/a.service",
            "/kubepods/burstable/pod4f5e/billing.service",
            // Seen from within another cgroup namespace.
            "/../../system.slice/billing.service", "/../billing.service", "/./billing.service",
            "/system.slice/../billing.service", "/system.slice/billing.service/..", "/system.slice/billing.service/./a",
            "/user.slice/user-7.slice/user@7.service/../a.service",
            // No units.
            "/system.slice/billing.service (deleted)", "/system.slice/billing.socket", "/system.slice/billing",
            "/system.slice/billing.service2", "/system.slice/billing.SERVICE", "/system.slice/.slicex/a.service",
            "/system.slice/payload/billing.service",
            // Names that an operator cannot have meant.
            "/system.slice/.service", "/system.slice/_.service", "/.scope",
        ]
    )
    func none(cgroup: String) {
        #expect(SystemdUnit(cgroup: cgroup) == nil)
    }

    @Test("what a caller's unit is found to be follows, and nothing is found beyond the cgroup namespace")
    func finding() {
        #expect(UnitFinding(cgroup: "/system.slice/billing.service") == .unit(.system("billing.service")))
        #expect(UnitFinding(cgroup: "/user.slice/user-7.slice/session-3.scope") == .noUnit)
        #expect(UnitFinding(cgroup: "/") == .noUnit)
        for cgroup in ["/..", "/../billing.service", "/../../system.slice/billing.service", "/a.slice/../b.service"] {
            #expect(UnitFinding(cgroup: cgroup) == .unknown(.cgroupHidden))
        }
    }
}
