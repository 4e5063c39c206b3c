internal import Diagnosis
package import OAuth2
internal import Synchronization
internal import TokenLifecycle

/// A configured client at work: who may use it, and its token slots.
package final class Client: Sendable {
    /// Enough for a service's scopes; a bound on what a caller can make the broker hold.
    package static let maximumSlots = 16

    /// As the operator wrote it, but for who may use it, which `accessPolicy` has.
    package let configuration: ClientConfiguration

    /// The slot of the scope, audience and resources that the configuration names.
    package let defaultSlot: TokenSlot

    /// What its tokens are had by; nil when it presents nothing that is kept.
    let grant: ClientGrant?

    /// How its fetches ended.
    let fetches: FetchCounters

    private let access: Mutex<AccessPolicy>
    private let writtenAllow: Mutex<[AllowRule]?>
    private let lastStamp = Mutex<[FileStamp?]>([])
    private let firstTokenStamp = Mutex<[FileStamp?]>([])
    private let latestFailedLogin = Mutex<FailedLogin?>(nil)
    private let explained = Mutex<[(failure: TokenEndpointFailure, explanation: Explanation)]>([])
    private let otherSlots: OtherSlots
    private let slotCommons: TokenSlot.Commons
    /// What stood in the way of proving who the client is, when that was last looked at.
    private let brokenBy = Mutex<TokenEndpointFailure?>(nil)
    let surroundings: Surroundings

    /// A client whose slots begin with what is `kept` for them.
    package init(
        configuration: ClientConfiguration,
        access: AccessPolicy,
        kept: SlotMemories,
        surroundings: Surroundings
    ) {
        let own = Self.withoutAllow(configuration)
        self.configuration = own
        self.surroundings = surroundings
        self.access = Mutex(access)
        writtenAllow = Mutex(configuration.allow)
        fetches = surroundings.metrics.fetches(of: configuration.name)
        let grant = surroundings.grants.grant(of: configuration)
        self.grant = grant
        let commons = TokenSlot.Commons(configuration: own, grant: grant, surroundings: surroundings)
        slotCommons = commons
        var others = kept
        let memory = others.take(own.target, for: commons)
        if memory != nil, !access.someoneMayAsk(own.target) { commons.forgetStored(own.target) }
        defaultSlot = TokenSlot(
            for: own.target,
            memory: access.someoneMayAsk(own.target) ? memory : nil,
            commons
        )
        otherSlots = OtherSlots(others, admittedBy: access, commons)
    }

    /// The name that callers use.
    package var name: ClientName { configuration.name }

    /// Who may use it, with the names that could be resolved so far.
    package var accessPolicy: AccessPolicy { access.withLock { $0 } }

    /// Takes a configuration that differs in nothing but who may use it, and returns whether it does; nil when more of it
    /// differs.
    ///
    /// Slots for what nobody may ask for any more are given up; the others stay as they are, with their requests.
    func takeAllow(of configuration: ClientConfiguration, as policy: AccessPolicy) -> Bool? {
        guard Self.withoutAllow(configuration) == self.configuration else { return nil }
        let isOther = writtenAllow.withLock { written in
            defer { written = configuration.allow }
            return written != configuration.allow
        }
        // The names in its rules may be other users' by now.
        replaceAccess(policy)
        otherSlots.giveUp(notAdmittedBy: policy)
        return isOther
    }

    private static func withoutAllow(_ configuration: ClientConfiguration) -> ClientConfiguration {
        var configuration = configuration
        configuration.allow = nil
        return configuration
    }

    /// Takes rules whose names were looked up anew.
    func replaceAccess(_ policy: AccessPolicy) {
        access.withLock { $0 = policy }
        surroundings.accessEpoch.advance()
    }

    /// Looks up again the user and group names that matched nobody; true when somebody has one now.
    func lookNamesUp(_ lookup: PrincipalLookup) -> Bool {
        let policy = accessPolicy
        guard !policy.unresolvedNames.isEmpty else { return false }
        let resolved = policy.resolved(again: lookup)
        replaceAccess(resolved)
        return resolved != policy
    }

    /// All slots, the default one first; makes those that sleep.
    package var slots: [TokenSlot] {
        wake()
        return awakeSlots
    }

    /// The slots that were made, the default one first.
    private var awakeSlots: [TokenSlot] { [defaultSlot] + otherSlots.awake }

    /// Whether slots sleep since the start.
    var isAsleep: Bool { otherSlots.areAsleep }

    /// Makes the slots that sleep since the start.
    func wake() {
        guard isAsleep else { return }
        begin(otherSlots.wake { accessPolicy })
    }

    /// By the latest attempts: that of the worst of the slots in use, else the default one's; what sleeps is not counted.
    var state: SlotState {
        let now = surroundings.time.now()
        let own = defaultSlot.standing(now: now)
        var worst = own.isInUse ? own.state : nil
        for slot in otherSlots.awake {
            let other = slot.standing(now: now)
            if other.isInUse { worst = max(worst ?? other.state, other.state) }
        }
        return worst ?? own.state
    }

    /// Whether the latest attempt for any of its slots failed.
    var hasFailed: Bool { awakeSlots.contains(where: \.hasFailed) }

    /// The slot for `target`, made when it is asked for the first time; nil when all places are taken and warm.
    func slot(for target: TokenTarget) -> TokenSlot? {
        if target == configuration.target { return defaultSlot }
        wake()
        let (slot, isNew) = otherSlots.slot(for: target, orPut: TokenSlot(for: target, memory: nil, slotCommons))
        if isNew { slot?.start() }
        return slot
    }

    /// Makes the first plans, or says at once that the client cannot be asked for.
    package func start() {
        grant?.attach(self, policy: configuration.grantPolicy, deadlines: surroundings.deadlines)
        lookAtFirstToken()
        _ = credentialsFailure()
        begin(awakeSlots)
    }

    private func begin(_ slots: [TokenSlot]) {
        if let failure = brokenBy.withLock({ $0 }) {
            for slot in slots { slot.configurationBroken(failure) }
            // It may be another by now, or mended, and whoever saw that may have told these slots before.
            let newest = brokenBy.withLock { $0 }
            if newest != failure {
                for slot in slots {
                    if let newest { slot.configurationBroken(newest) } else { slot.configurationChanged() }
                }
            }
            return
        }
        for slot in slots { slot.start() }
        // Of a grant in quarantine nothing comes, whatever is cached; and a grace window may be over in seconds.
        guard let grant, grant.hasGrant, let obstacle = grant.obstacle else { return }
        for slot in slots { slot.grantRefused(obstacle) }
        if grant.obstacle != obstacle { for slot in slots { slot.grantChanged() } }
    }

    /// Lets the slots try again when the secret of a misconfigured client is another than before.
    func lookAtSecret() {
        let now = surroundings.time.now()
        guard slots.contains(where: { $0.standing(now: now).state == .misconfigured }) else { return }
        let stamp = configuration.secretStamp
        let isNew = lastStamp.withLock { last in
            defer { last = stamp }
            return last != stamp
        }
        if isNew { configurationChanged() }
    }

    /// The place among the client's secrets of the one that worked last; nil while none has.
    var workingSecret: Int? { surroundings.choices.working(of: configuration) }

    /// What `failure` was, and what to do about it; looked up once for as long as it stands, since every caller that is
    /// refused hears it, and slots fail each in its own way.
    func explain(_ failure: TokenEndpointFailure) -> Explanation {
        let known = explained.withLock { explained in explained.first { $0.failure == failure } }
        if let known { return known.explanation }
        let explanation = configuration.explain(failure)
        let count = awakeSlots.count
        explained.withLock { explained in
            explained.append((failure, explanation))
            explained.removeFirst(max(0, explained.count - count))
        }
        return explanation
    }

    /// The latest login that the server refused; nil when none was, or one succeeded since.
    var failedLogin: FailedLogin? {
        get { latestFailedLogin.withLock { $0 } }
        set { latestFailedLogin.withLock { $0 = newValue } }
    }

    /// What stands in the way of proving who the client is.
    private func credentialsFailure() -> TokenEndpointFailure? {
        lastStamp.withLock { $0 = configuration.secretStamp }
        var failure: TokenEndpointFailure?
        do throws(TokenEndpointFailure) {
            try configuration.checkCredentials(environment: surroundings.environment)
        } catch {
            failure = error
        }
        brokenBy.withLock { $0 = failure }
        return failure
    }

    /// Something changed that may let a failed configuration work.
    package func configurationChanged() {
        if let failure = credentialsFailure() {
            for slot in awakeSlots { slot.configurationBroken(failure) }
        } else {
            for slot in awakeSlots { slot.configurationChanged() }
        }
    }

    /// Takes a first refresh token over that was not taken over yet.
    func lookAtFirstToken() {
        guard grant != nil else { return }
        firstTokenStamp.withLock { $0 = configuration.firstTokenStamp }
        surroundings.grants.firstTokens.look(at: self)
    }

    /// The first refresh token could not be taken over for a passing reason: it is looked at again soon.
    func lookAtFirstTokenAgain() { firstTokenStamp.withLock { $0 = [] } }

    /// Looks at the first refresh token again when its file is another than before.
    func lookAtChangedFirstToken() {
        guard grant != nil, firstTokenStamp.withLock({ $0 }) != configuration.firstTokenStamp else { return }
        lookAtFirstToken()
    }

    /// There is another grant than before.
    func grantChanged() {
        for slot in slots { slot.grantChanged() }
    }

    /// A login brought `kept`, which is good for `target`, and the grant for the rest.
    func loginBrought(_ kept: KeptToken, for target: TokenTarget, isAnotherAccount: Bool) {
        // A reload may have changed what the client asks for while a person logged in.
        let own = configuration.target == target ? defaultSlot : nil
        let others = slots.filter { $0 !== own }
        // Before anything of the new account is served, nothing of the old one is any more.
        if isAnotherAccount { for slot in others { slot.accountReplaced() } }
        own?.tokenBrought(kept, isAnotherAccount: isAnotherAccount)
        if !isAnotherAccount { for slot in others { slot.grantChanged() } }
    }

    /// The server refuses the grant.
    func grantRefused(_ failure: TokenEndpointFailure) {
        for slot in slots { slot.grantRefused(failure) }
    }

    /// The operator gave the grant up, and with it every token that it brought.
    func grantForgotten(_ failure: TokenEndpointFailure) {
        for slot in slots { slot.grantForgotten(failure) }
    }

    /// Another client of the same server got a token.
    func serverRecovered() {
        for slot in awakeSlots { slot.serverRecovered() }
    }

    /// Lets every caller that waits ask again, under the rules as they are now.
    func reconsiderWaits() {
        for slot in awakeSlots { slot.reconsiderWaits() }
    }

    /// The wall clock was set or the machine slept.
    func clockChanged() {
        for slot in awakeSlots { slot.clockChanged() }
    }

    /// Ends every wait: the broker stops.
    func endWaits() {
        for slot in awakeSlots { slot.endWaits() }
    }

    /// Ends all waits; the slots are not used any more.
    package func removed() {
        otherSlots.forgetAsleep()
        for slot in awakeSlots { slot.removed() }
    }

    /// What the slots know now, for the client that takes over from this one; those that sleep are not begun for it.
    package func memories() -> [SlotMemory] {
        _ = otherSlots.wake { accessPolicy }
        return awakeSlots.map { $0.memory() }
    }
}
