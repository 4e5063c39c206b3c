/// What is wrong, and what is hardly meant, as it is found while the configuration is read.
final class Findings {
    private(set) var errors: [ConfigurationError] = []
    private(set) var warnings: [ConfigurationWarning] = []

    func report(_ error: ConfigurationError) {
        errors.append(error)
    }

    func refuse(_ key: String?, at place: SourcePlace, _ problem: String, remedy: String? = nil) {
        report(ConfigurationError(place: place, key: key, problem: problem, remedy: remedy))
    }

    func refuse<Value>(_ written: Written<Value>, _ problem: String, remedy: String? = nil) {
        refuse(written.key, at: written.place, problem, remedy: remedy)
    }

    func warn(_ key: String?, at place: SourcePlace, _ problem: String, remedy: String? = nil) {
        warnings.append(
            ConfigurationWarning(ConfigurationError(place: place, key: key, problem: problem, remedy: remedy))
        )
    }

    func warn<Value>(_ written: Written<Value>, _ problem: String, remedy: String? = nil) {
        warn(written.key, at: written.place, problem, remedy: remedy)
    }
}

/// A value as the operator wrote it: what, under which dotted key, and where.
struct Written<Value> {
    let value: Value
    let key: String
    let place: SourcePlace

    func with<Other>(_ other: Other) -> Written<Other> {
        Written<Other>(value: other, key: key, place: place)
    }
}
