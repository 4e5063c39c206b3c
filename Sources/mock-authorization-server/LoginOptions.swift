import ArgumentParser
import MockAuthorizationServer

/// What happens when a person is asked to log in, as arguments say it.
struct LoginOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Who logs in.", valueName: "name"))
    var subject = "ann"

    @Option(help: ArgumentHelp("Which logins bring a refresh token: always, offline or never.", valueName: "when"))
    var refreshTokens = RefreshTokenGift.always

    @Option(help: ArgumentHelp("Which logins bring an ID token: always, openid or never.", valueName: "when"))
    var idTokens = IDTokenGift.openID

    @Option(help: ArgumentHelp("How often a device may ask.", valueName: "duration"))
    var deviceInterval = DurationArgument(.seconds(5))

    @Option(help: ArgumentHelp("How long a person has for a device's code.", valueName: "duration"))
    var deviceLifetime = DurationArgument(.seconds(600))

    var policy: LoginPolicy {
        var policy = LoginPolicy()
        policy.subject = subject
        policy.refreshTokens = refreshTokens
        policy.idTokens = idTokens
        policy.deviceInterval = deviceInterval.duration
        policy.deviceLifetime = deviceLifetime.duration
        return policy
    }
}

extension RefreshTokenGift: ExpressibleByArgument {}
extension IDTokenGift: ExpressibleByArgument {}
