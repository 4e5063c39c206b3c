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
    /// So few that one is found by looking at each.
    private let otherSlots: Mutex<[TokenSlot]>
    private let slotCommons: TokenSlot.Commons
    let surroundings: Surroundings

    /// A client whose slots begin with what is `kept` for them.
    package init(
        configuration: ClientConfiguration,
        access: AccessPolicy,
        kept: [SlotMemory],
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
        let ownMemory = others.firstIndex { $0.target == own.target }.map { others.remove(at: $0) }
        defaultSlot = TokenSlot(for: own.target, memory: ownMemory, commons)
        if others.count >= Self.maximumSlots {
            others.sort { Self.wasAskedLater($0.lastAsked?.moment, than: $1.lastAsked?.moment) }
        }
        otherSlots = Mutex(
            others.prefix(Self.maximumSlots - 1).map { TokenSlot(for: $0.target, memory: $0, commons) }
        )
        // Another scope may be the client's own by now, so that there is one too many.
        for memory in others.dropFirst(Self.maximumSlots - 1) {
            surroundings.keeper.remove(TokenSlotID(client: own.name, target: memory.target))
        }
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
        let unused = otherSlots.withLock { slots in
            let unused = slots.filter { !policy.someoneMayAsk($0.id.target) }
            slots.removeAll { slot in unused.contains { $0 === slot } }
            return unused
        }
        for slot in unused {
            slot.removed()
            surroundings.keeper.remove(slot.id)
        }
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

    /// All slots, the default one first.
    package var slots: [TokenSlot] {
        [defaultSlot] + otherSlots.withLock { $0 }.sorted { $0.id.target < $1.id.target }
    }

    /// By the latest attempts: that of the worst of the slots in use, else the default one's.
    var state: SlotState {
        let now = surroundings.time.now()
        let own = defaultSlot.standing(now: now)
        var worst = own.isInUse ? own.state : nil
        for slot in otherSlots.withLock({ $0 }) {
            let other = slot.standing(now: now)
            if other.isInUse { worst = max(worst ?? other.state, other.state) }
        }
        return worst ?? own.state
    }

    /// By the wall clock, which restarts do not set back; what nobody ever asked for comes last.
    private static func wasAskedLater(_ left: Moment?, than right: Moment?) -> Bool {
        guard let left else { return false }
        return right.map { left.sinceEpoch > $0.sinceEpoch } ?? true
    }

    /// Whether the latest attempt for any of its slots failed.
    var hasFailed: Bool { defaultSlot.hasFailed || otherSlots.withLock { $0 }.contains(where: \.hasFailed) }

    /// Of the slots whose places may be given to others the one that nobody has asked for the longest.
    private func coldestSlot() -> TokenSlot? {
        otherSlots.withLock { $0 }.filter(\.isEvictable)
            .min { Self.wasAskedLater($1.lastAsked()?.moment, than: $0.lastAsked()?.moment) }
    }

    /// The slot for `target`, made when it is asked for the first time; nil when all places are taken and warm.
    func slot(for target: TokenTarget) -> TokenSlot? {
        if target == configuration.target { return defaultSlot }
        if let slot = otherSlots.withLock({ slots in slots.first { $0.id.target == target } }) { return slot }
        let cold = otherSlots.withLock { $0.count + 1 < Self.maximumSlots } ? nil : coldestSlot()
        let made = TokenSlot(for: target, memory: nil, slotCommons)
        let (slot, evicted) = otherSlots.withLock { slots -> (TokenSlot?, TokenSlot?) in
            if let slot = slots.first(where: { $0.id.target == target }) { return (slot, nil) }
            let evicted = slots.firstIndex { $0 === cold }.map { slots.remove(at: $0) }
            guard slots.count + 1 < Self.maximumSlots else { return (nil, evicted) }
            slots.append(made)
            return (made, evicted)
        }
        if let evicted {
            evicted.removed()
            surroundings.keeper.remove(evicted.id)
        }
        if slot === made { made.start() }
        return slot
    }

    /// Makes the first plans, or says at once that the client cannot be asked for.
    package func start() {
        grant?.attach(self, policy: configuration.grantPolicy, deadlines: surroundings.deadlines)
        lookAtFirstToken()
        let failure = credentialsFailure()
        for slot in slots {
            if let failure { slot.configurationBroken(failure) } else { slot.start() }
        }
        guard let grant, failure == nil else { return }
        // Of a grant in quarantine nothing comes, whatever is cached; and a grace window may be over in seconds.
        if grant.hasGrant, let obstacle = grant.obstacle { grantRefused(obstacle) }
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
        let count = slots.count
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
        do throws(TokenEndpointFailure) {
            try configuration.checkCredentials(environment: surroundings.environment)
            return nil
        } catch {
            return error
        }
    }

    /// Something changed that may let a failed configuration work.
    package func configurationChanged() {
        if let failure = credentialsFailure() {
            for slot in slots { slot.configurationBroken(failure) }
        } else {
            for slot in slots { slot.configurationChanged() }
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
        for slot in slots { slot.serverRecovered() }
    }

    /// Lets every caller that waits ask again, under the rules as they are now.
    func reconsiderWaits() {
        for slot in slots { slot.reconsiderWaits() }
    }

    /// Ends all waits; the slots are not used any more.
    package func removed() {
        for slot in slots { slot.removed() }
    }
}
