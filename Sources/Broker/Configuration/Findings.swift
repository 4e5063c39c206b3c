/// What is wrong, and what is hardly meant, as it is found while the configuration is read.
final class Findings {
    private(set) var errors: [ConfigurationError] = []
    private(set) var warnings: [ConfigurationWarning] = []

    /// How many of the errors and warnings belong to files that are done with.
    private var ordered = (errors: 0, warnings: 0)

    /// Puts what was found since the last call into the order of the lines.
    func orderByLine() {
        errors[ordered.errors...].sort { $0.place.precedes($1.place) }
        warnings[ordered.warnings...].sort { $0.finding.place.precedes($1.finding.place) }
        ordered = (errors.count, warnings.count)
    }

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

extension SourcePlace {
    fileprivate func precedes(_ other: SourcePlace) -> Bool {
        (line ?? 0, column ?? 0) < (other.line ?? 0, other.column ?? 0)
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
