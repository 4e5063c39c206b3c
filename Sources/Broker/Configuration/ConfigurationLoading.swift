extension Configuration {
    /// Reads `file` and then every `clients.d/*.toml` beside it, in the order of their names; finds all errors at once.
    package static func load(
        file: String, in context: ProcessContext
    ) throws(ConfigurationErrors) -> Configuration {
        throw ConfigurationErrors([])
    }

    /// Where the configuration is when no `--config` says otherwise.
    package static func defaultPath(in context: ProcessContext) -> String { "" }
}
