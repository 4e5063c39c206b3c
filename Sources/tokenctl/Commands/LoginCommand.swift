import ArgumentParser
import LinuxHost
import LocalAPI

struct LoginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Logs a person in for a client, in a browser here or on another machine.",
        discussion: """
            It shows an address to open, and a code to type there if the client's grant is device_code. Else the \
            browser is sent back to this machine, where it is waited for; when it cannot come here, since it runs on \
            another machine, paste the address that it ended on. The tokens stay in the daemon.
            """
    )

    @Argument(help: "The client's name in the configuration.", completion: ClientCompletion.operators)
    var client: String

    @Flag(help: "Take the login of another person than the one before.") var replaceAccount = false

    @Flag(help: "Do not wait for the browser on this machine: its address will be pasted.") var noListen = false

    // Not unasked: the address carries the login's state, and programs' arguments are for every user to read.
    @Flag(help: "Open a browser here; other users may see the address in the list of processes.") var browser = false

    @Option(help: "text or json; json is a line an event.") var format = TextFormat.text

    @OptionGroup var connection: SocketOption

    func run() throws {
        var signal: Int32?
        try reporting { () throws(Failure) in
            var login = Login(broker: connection.client(.admin), client: client)
            login.isReplacingAccount = replaceAccount
            login.isListening = !noListen
            login.isRaw = format == .json
            if !browser { login.openBrowser = { _ in false } }
            signal = try login.run()
        }
        // Everything is closed and the terminal as it was.
        if let signal { Interruptions.end(by: signal) }
    }
}
