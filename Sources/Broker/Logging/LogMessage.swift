internal import Logging

/// A kind of message: what people read, the id by which programs find it (`MESSAGE_ID=` of the journal), and the fields
/// that each has.
///
/// `systemd/tokenbroker.catalog` says of each what it means and what to do. An id is made once, with `systemd-id128 new`,
/// and stays with its kind whatever becomes of the text.
enum LogMessage: String, Sendable, CaseIterable {
    // MARK: Life of the daemon
    case ready
    case stopping
    case standsStill
    case goesOn
    case configurationDoubt
    case configurationRefused
    case configurationReloaded
    case restartNeeded
    case memoryNotLocked
    case fewerConnections
    case rulesCannotBeTold
    case rulesCanBeTold

    // MARK: Alarms
    case storeWriteFailed
    case grantUnsaved
    case storeSetAside
    case fileLost
    case reloadRefused
    case alarmCleared

    // MARK: What a client is in
    case loginRequired
    case clientMisconfigured
    case diesWithinHour
    case clientUnserved
    case clientRecovered
    case refreshTokenEnds

    // MARK: Token requests
    case gotToken
    case tokenRequestFailed
    case secretChosen
    case staleAnswer
    case clocksDiffer

    // MARK: Refresh tokens
    case refreshTokenRefused
    case grantReinstated
    case lateRefreshToken
    case firstTokenTaken
    case firstTokenReplaces
    case firstTokenNotTaken
    case supersededRevoked
    case supersededDeleted
    case supersededNotRevoked
    case removedRevoked
    case removedDeleted
    case removedNotRevoked
    case loggedOut

    // MARK: Logins
    case loginBegan
    case loginDone
    case loginFailed
    case accountReplaced

    // MARK: The store
    case refreshTokenInMemory
    case refreshTokenSaved
    case refreshTokenRecovered
    case refreshTokenNotOpened
    case leftoverUnreadable
    case requestEndNotStored
    case reserveNotReleased
    case reserveMissing
    case oldGrantsDeleted
    case removalNotStored
    case storedGrantUnreadable
    case storedTokenUnreadable
    case stateResealed
    case rekeyEnded
    case rekeyNotEnded
    case backupBrokeOff

    // MARK: Callers and operators
    case tokenServed
    case tokenNotServed
    case tokenDenied
    case watchBegan
    case watchDenied
    case tokenReported
    case reportDenied
    case foreignWriter
    case operatorCommand
    case notOperator
    case cameAgain
    case userEventsTooMany
    case refusalsTooMany

    var form: Form {
        switch self {
        case .ready: .notice("480017c4f4764565bcf623549382ffe7", "Ready", "status")
        case .stopping: .notice("c90d5a2ce4904ab9a9ddc713c816f484", "Stopping")
        case .standsStill:
            .critical("c26dfc6d9c624b59a2c7b414fdbb0de7", "The daemon stands still", "reason consequence")
        case .goesOn: .notice("6c0dd7d3740548888e1c62cddbc92cf8", "The daemon goes on after a standstill")
        case .configurationDoubt:
            .warning("576eeec21bad44d68cf84f9297a07e2d", "A doubt about the configuration", "problem")
        case .configurationRefused:
            .error("881a0162c2e44e3fb4d29e7d90930ac0", "The configuration is refused", "problem")
        case .configurationReloaded:
            .notice("b341d5ecc2404a60a2bebfea3ae5498c", "Reloaded the configuration", "added changed removed unchanged")
        case .restartNeeded:
            .warning("ee05116f34f843d3aea05ca1d8ac1887", "A changed key counts from the next start", "key")
        case .memoryNotLocked:
            .warning("0d7f2b7d7157412283c3d12780c25d15", "Keys and tokens may be swapped out", "reason remedy")
        case .fewerConnections:
            .warning(
                "088e427e1cf947d3a0316a279b3a3c41",
                "Fewer callers than usual may be connected, for want of descriptors",
                "connections remedy"
            )
        case .rulesCannotBeTold:
            .warning("e0b1f2d1c2644d43bb702a9e5268d530", "Rules ask of callers what cannot be told", "problem")
        case .rulesCanBeTold: .notice("ee1732b5d4b048b28ffedd01fcebf5a3", "What rules ask of callers can be told again")
        case .storeWriteFailed: .error("58f7e28939df4fa6a11c530460ec77f7", "Alarm raised", "alarm reason")
        case .grantUnsaved: .error("b0f3c4863de0499ab51fa4b9ce3f05d9", "Alarm raised", "alarm reason")
        case .storeSetAside: .error("7ad9ea78996f4ea799b97a0309615aa8", "Alarm raised", "alarm reason")
        case .fileLost: .error("ead26005286d46f8a8b9c075ca26f16c", "Alarm raised", "alarm reason")
        case .reloadRefused: .error("5b5625b086d64dae944473134dc9a9ac", "Alarm raised", "alarm reason")
        case .alarmCleared: .notice("8733137344b14dd0a1c8d342f1019f7d", "Alarm cleared", "alarm")
        case .loginRequired: .error("0c86cd144c0c48308be004d5b8d07b9b", "A client needs a login", "client cause remedy")
        case .clientMisconfigured:
            .error("16ea3a61afd74794bd5b25bc71d3892d", "A client is misconfigured", "client cause remedy")
        case .diesWithinHour:
            .warning(
                "3598e18e16024a16a8f5f28292c5f38d",
                "A client's token ends within the hour, and no new one can be had",
                "client dies_at cause remedy"
            )
        case .clientUnserved:
            .error(
                "bd2d024cac0c4d239561a4176036cbb4",
                "A client has no token to serve, and none can be had",
                "client cause remedy"
            )
        case .clientRecovered: .notice("184b8b57192c4769b48f79e16ab36d09", "A client is well again", "client")
        case .refreshTokenEnds:
            .warning("f4fd783265dc4dfdb735ecc99a964c31", "The refresh token ends soon", "client remedy")
        case .gotToken: .info("800c9e2f467847abbfb3141ec8eeaec8", "Got a token", "client lifetime")
        case .tokenRequestFailed:
            .warning("ed02eaeafb1b41948eea1471c9ff6601", "The token request failed", "client class error")
        case .secretChosen:
            .notice(
                "69f0cdb68ebe4dde85c4c84300a0d1ed",
                "Another of the client's secrets works than before",
                "client source"
            )
        case .staleAnswer:
            .notice("2dc0caa78e584b2282d8481bc012df4b", "Discarded the answer of an overtaken token request", "client")
        case .clocksDiffer:
            .warning(
                "8cee3d678c2949c7a1deafa43e331c3b",
                "The authorization server's clock and this machine's differ",
                "server seconds_ahead"
            )
        case .refreshTokenRefused:
            .error(
                "bf99f8ebf98443158281e6e91c18a55d",
                "The authorization server refuses the refresh token; it is kept in quarantine, and a new one is needed",
                "client error unanswered_attempts"
            )
        case .grantReinstated:
            .notice("3a3e7dfaca994e45911e711bc617a300", "The grant before it is held again", "client lineage")
        case .lateRefreshToken:
            .notice(
                "b93bfb65c1c24952b732ba2df1c1194a",
                "A refresh token came when another had taken its grant's place",
                "client outcome"
            )
        case .firstTokenTaken:
            .notice("05ed21f6f54c45e18b5fec1ba089726a", "Took the first refresh token over", "client lineage")
        case .firstTokenReplaces:
            .notice(
                "c37ce835c05047049111e1a1037b10b4",
                "A changed first refresh token replaces the grant; the one before is kept until the new one has worked",
                "client lineage"
            )
        case .firstTokenNotTaken:
            .error(
                "e1f804896b8340c2bc6a652b49fed171",
                "The first refresh token could not be taken over",
                "client reason"
            )
        case .supersededRevoked:
            .notice("a101c0ce7c104d9cb2b174f164c6204f", "Revoked a superseded refresh token", "client")
        case .supersededDeleted:
            .notice(
                "42da240c1010472783c30de95bab4f1a",
                "Deleted a superseded refresh token, for which no revocation endpoint is known",
                "client"
            )
        case .supersededNotRevoked:
            .warning("48a6ff3ac0ef4b729fec979faed50f97", "A superseded refresh token could not be revoked", "client")
        case .removedRevoked:
            .notice("abfff820b94147d5a4f96e4053812087", "Revoked the grant of a client that was removed", "client")
        case .removedDeleted:
            .notice(
                "0f304dca969c4733acbcc11ec6f1b2eb",
                "Deleted the grant of a client that was removed, for which no revocation endpoint is known",
                "client"
            )
        case .removedNotRevoked:
            .warning(
                "5f3a601b5d6f4aea8cedec90b6a9e2e5",
                "The grant of a client that was removed could not be revoked",
                "client cause remedy"
            )
        case .loggedOut: .notice("7f13df7d75334fb1ad77189ae9657e2c", "Logged the client out", "client revoked")
        case .loginBegan: .notice("6943f4530ac2450aadae1dea23cb3c48", "A login began", "client")
        case .loginDone: .notice("af53be01324d415085ac97a99d598834", "A login brought a grant", "client refreshable")
        case .loginFailed: .warning("c719e05b69414652a36ebdb97f32e1ff", "A login brought nothing", "client cause")
        case .accountReplaced:
            .notice("cc5e59081d5046f581b3994bb9459837", "Another account's login replaces the grant", "client lineage")
        case .refreshTokenInMemory:
            .error("7b4a1529bb2d4bdca174c2b74abebd71", "A refresh token is in the daemon's memory alone", "reason")
        case .refreshTokenSaved:
            .notice("2b3933851d644179822750e5ded35ea1", "The newest refresh token is on the disk again", "client")
        case .refreshTokenRecovered:
            .notice(
                "2e661630d1634a7fb3a10f3a8daa78f5",
                "Stored a refresh token that the run before could not",
                "client outcome"
            )
        case .refreshTokenNotOpened:
            .error(
                "a3b17f5548bc43d8963015497c593b29",
                "A refresh token of the run before cannot be opened with the state key"
            )
        case .leftoverUnreadable:
            .error("eb574f3452794b6ea0de44400a8509ef", "What the run before left in memory cannot be read", "reason")
        case .requestEndNotStored:
            .warning("10adee2297414be7a99e55c749221e16", "The end of a token request could not be stored", "client")
        case .reserveNotReleased:
            .warning("7936c6d1cc0f4fe89367631b613f7dcf", "The reserve on the disk could not be given up", "reason")
        case .reserveMissing:
            .warning(
                "460e20df139448fe9c18462c630d692b",
                "There is no reserve on the disk for the next refresh token",
                "reason"
            )
        case .oldGrantsDeleted:
            .notice("f3b67ee12dfd49a3a7675010af243f07", "Deleted grants of clients that are long gone", "count")
        case .removalNotStored:
            .warning(
                "e8b91b3bf7304d23a00eda7983ee473c",
                "What became of removed clients' grants is not stored",
                "reason"
            )
        case .storedGrantUnreadable:
            .error(
                "0742ca8f0c38435a9ee11442f39485c3",
                "A stored grant cannot be read; a new refresh token is needed",
                "client reason"
            )
        case .storedTokenUnreadable:
            .warning(
                "54233d41fa224abfb9a95dd62def6335",
                "A stored token cannot be read and will be asked for again",
                "client reason"
            )
        case .stateResealed: .notice("585668086c81494d91e90153b4db1b01", "Sealed the state anew", "rows")
        case .rekeyEnded:
            .notice("b5727f5dabd245938147c0f4d175687e", "Ended the change of the state key that was interrupted")
        case .rekeyNotEnded:
            .warning(
                "6d3342af2c494191a082ab1291f19e9a",
                "The interrupted change of the state key could not be ended",
                "reason"
            )
        case .backupBrokeOff: .error("9ec69c3350c347d5b7d8a0370bfe5248", "The backup broke off", "reason")
        case .tokenServed:
            .info("2e3c97fc61de42818362306f76bc319a", "A caller got a token", "caller_uid caller_pid client")
        case .tokenNotServed:
            .info("758a0c883f8d4ef6b442a1b2a9400730", "A caller got no token", "caller_uid caller_pid client outcome")
        case .tokenDenied:
            .notice("ce3ef9eec336480ba6f3df34c1b943b8", "A caller was refused a token", "caller_uid caller_pid reason")
        case .watchBegan:
            .info("14aaa9456d2c4c32aecd3ca20257b370", "A caller watches a client", "caller_uid caller_pid client")
        case .watchDenied:
            .notice(
                "0d6c6b6461144b46a43e192a8e672086",
                "A caller was refused to watch a client",
                "caller_uid caller_pid reason"
            )
        case .tokenReported:
            .info(
                "e06e064804514c7ab0427b5a76817d66",
                "A caller reports its token as refused",
                "caller_uid caller_pid client"
            )
        case .reportDenied:
            .notice(
                "df691ab102034058be09ac02ca337a68",
                "A caller was refused to report a token",
                "caller_uid caller_pid reason"
            )
        case .foreignWriter:
            .notice(
                "ef0bb5856a564edb946bb1f3a873ba17",
                "A process wrote to a connection that it did not open",
                "caller_uid caller_pid writer"
            )
        case .operatorCommand:
            .notice("77523d0f6616498cbf4dc24a28e8cee8", "An operator gave a command", "caller_uid caller_pid command")
        case .notOperator:
            .notice(
                "85ba7203701746ddbcd6277d5a4147a5",
                "Somebody who is no operator asked on the admin socket",
                "caller_uid caller_pid command"
            )
        case .cameAgain: .info("62cd9e25a6514d5dbaddf37e7807152d", "It came again", "caller_uid count")
        case .userEventsTooMany:
            .warning(
                "71166df270554703b7cf91c5a5f70aed",
                "Events of a user were too many to be logged one by one",
                "caller_uid count"
            )
        case .refusalsTooMany:
            .warning("f5b9a56def634ecdb76993c2d9041b32", "Refusals were too many to be logged one by one", "count")
        }
    }
}
