import Testing

/// A process that asks for tokens on the policy machine: whose it is, and which unit it runs in.
struct CallingProcess: Sendable, CustomTestStringConvertible {
    /// What brings it about.
    enum Origin: Sendable {
        /// A command in no unit.
        case command(Identity)
        /// A command in a scope of its own, which is the name of a unit and its slice.
        case scope(String, slice: String, Identity)
        /// A service of the system's manager.
        case service(String)
        /// A service of the manager of the user with this number.
        case userService(String, uid: Int)
    }

    /// The user and groups that a command has.
    enum Identity: Sendable {
        /// `UID:GID[:GROUP,…]`.
        case fixed(String)
        /// Those that the daemon has for as long as it runs.
        case daemon
    }

    let testDescription: String
    let origin: Origin

    init(_ description: String, _ origin: Origin) {
        testDescription = description
        self.origin = origin
    }

    private init(_ description: String, as identity: String) {
        self.init(description, .command(.fixed(identity)))
    }
}

// MARK: - Users and groups

extension CallingProcess {
    /// No group has members: a process has the groups that it was started with.
    static let sysusers = """
        u ann 20001
        u bob 20002
        u billing 20003
        g finance 21001
        g auditors 21002

        """

    static let root = CallingProcess("root", as: "0:0")
    static let rootOfFinance = CallingProcess("root, of group finance", as: "0:0:21001")
    static let ann = CallingProcess("ann", as: "20001:20001")
    static let annOfFinance = CallingProcess("ann, of group finance", as: "20001:20001:21001")
    static let annOfMany = CallingProcess(
        "ann, of 100 groups with finance the last",
        as: "20001:20001:" + (1...99).map { "\(22_000 + $0)" }.joined(separator: ",") + ",21001"
    )
    static let bob = CallingProcess("bob", as: "20002:20002")
    static let bobOfFinance = CallingProcess("bob, whose primary group is finance", as: "20002:21001")
    static let bobOfAuditors = CallingProcess("bob, of group auditors", as: "20002:20002:21002")
    static let billing = CallingProcess("user billing in no unit", as: "20003:20003")
    static let stranger = CallingProcess("a uid that has no name", as: "29999:29999")
    static let overflow = CallingProcess("uid 65534", as: "65534:65534")
    static let overflowOfFinance = CallingProcess("uid 65534, of group finance", as: "65534:65534:21001")
    static let recycled = CallingProcess("a uid that systemd recycles", as: "61200:61200")
    static let recycledOfFinance = CallingProcess(
        "a uid that systemd recycles, of group finance",
        as: "61200:61200:21001"
    )
    static let ofRecycledGroup = CallingProcess("a gid that systemd recycles", as: "29999:61200")
    static let daemonItself = CallingProcess("the daemon's own user", .command(.daemon))
}

// MARK: - Units

extension CallingProcess {
    static let billingService = CallingProcess("billing.service with User=billing", .service("billing.service"))
    static let otherService = CallingProcess("other.service with User=billing", .service("other.service"))
    static let slicedService = CallingProcess("sliced.service in a slice of its own", .service("sliced.service"))
    static let firstJob = CallingProcess("job@1.service", .service("job@1.service"))
    static let secondJob = CallingProcess("job@2.service", .service("job@2.service"))
    static let dynamicService = CallingProcess("dynamic.service with DynamicUser=", .service("dynamic.service"))
    static let nested = CallingProcess(
        "billing.service as a control group that divided.service made in its own",
        .service("divided.service")
    )
    static let container = CallingProcess(
        "billing.service of a container, in a control group namespace",
        .service("container.service")
    )
    static let posing = CallingProcess("posing.service of the system, in ann's slice", .service("posing.service"))

    static let annsService = CallingProcess(
        "billing.service of ann's manager",
        .userService("billing.service", uid: 20001)
    )
    static let annsOtherService = CallingProcess(
        "other.service of ann's manager",
        .userService("other.service", uid: 20001)
    )
    static let annsNested = CallingProcess(
        "billing.service as a control group that ann's divided.service made",
        .userService("divided.service", uid: 20001)
    )
    static let bobsService = CallingProcess(
        "billing.service of bob's manager",
        .userService("billing.service", uid: 20002)
    )

    static let batchScope = CallingProcess(
        "batch.scope of the system",
        .scope("batch.scope", slice: "system.slice", .fixed("20003:20003"))
    )
    static let batchScopeInUserSlice = CallingProcess(
        "batch.scope in ann's slice",
        .scope("batch.scope", slice: "user-20001.slice", .fixed("20001:20001"))
    )
    static let session = CallingProcess(
        "ann's session",
        .scope("session-1.scope", slice: "user-20001.slice", .fixed("20001:20001:21001"))
    )
}

// MARK: - Unit files

extension CallingProcess {
    /// The units of the system's manager, by their files' names.
    static let units: [String: String] = [
        "billing.service": unit("User=billing"),
        "other.service": unit("User=billing"),
        "sliced.service": unit("User=billing\nSlice=finance-reports.slice"),
        "job@.service": unit("User=billing"),
        "dynamic.service": unit("DynamicUser=yes"),
        "divided.service": unit("User=billing\nDelegate=yes", within: "billing.service"),
        "container.service": unit(
            "Delegate=yes",
            within: "machine/system.slice/billing.service",
            through: "unshare --cgroup"
        ),
        "posing.service": unit("User=ann\nSlice=user-20001.slice"),
    ]

    /// The units of every user's manager.
    static let userUnits: [String: String] = [
        "billing.service": unit(""),
        "other.service": unit(""),
        "divided.service": unit("Delegate=yes", within: "billing.service"),
    ]

    /// Where a unit finds its request.
    static let requestFile = "/run/request"

    /// A unit that asks, and stays; first it may move into a control group that it makes below its own.
    private static func unit(_ settings: String, within group: String? = nil, through launcher: String = "") -> String {
        let caller = "\(RealSystemd.products)/test-caller ask \(InstalledMachine.tokenSocket)"
        let command =
            group.map { group in
                """
                /bin/sh -c 'g=/sys/fs/cgroup$$(sed -n s/^0:://p /proc/self/cgroup)/\(group) && mkdir -p $$g && \
                echo $$$$ >$$g/cgroup.procs && exec \(launcher) \(caller) "$$REQUEST"'
                """
            } ?? "\(caller) ${REQUEST}"
        return """
            [Service]
            Type=notify
            NotifyAccess=all
            EnvironmentFile=\(requestFile)
            ExecStart=\(command)
            \(settings)

            """
    }
}
