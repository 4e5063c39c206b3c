extension TokenEndpointFailure {
    /// The failure of a request that got no answer.
    ///
    /// - Parameter grant: What the request presented; nil for a request that presents nothing, such as discovery.
    package init(transport: TransportFailure, words: String?, grant: Grant?) {
        let failureClass: FailureClass =
            if transport.mayHaveBeenProcessed, let grant, grant.isSingleUse {
                .unknown
            } else {
                switch transport {
                case .certificateRefused, .clientCertificateRefused: .configuration
                case .notHTTP: .endpointMisconfigured
                case .responseTooLarge: .protocol
                case .nameNotFound, .connectionRefused, .connectTimeout, .tlsFailed, .proxyFailed, .resetBeforeSending,
                    .resetAfterSending, .responseTimeout:
                    .transient
                }
            }
        self.init(
            failureClass,
            error: transport.rawValue,
            serverWords: words.flatMap { ServerWords.printable($0) },
            transport: transport
        )
    }

    /// The failure that `answer` is: by its status and codes, never by the words beside a code.
    init(
        _ answer: HTTPAnswer,
        body: AnswerBody,
        stated: StatedError?,
        fault: AnswerFault?,
        grant: Grant,
        provider: ProviderProfile,
        hiding presented: [Secret]
    ) {
        let secrets = body.secrets + presented.map { $0.exposed() }
        let fault = fault ?? AnswerFault(status: answer.status, body: body)
        let words = stated?.words ?? body.words
        let providerCode = stated?.codes.first { provider.codes[$0.lowercased()] != nil }
        let providerClass = providerCode.flatMap { provider.codes[$0.lowercased()] }
        let isThrottled =
            answer.status == 429
            || TokenEndpointFailure.saysThrottled(stated?.code ?? (answer.isRefusal ? words : nil))
        let code = stated?.code.flatMap {
            ServerWords.printable($0, hiding: secrets, maximumBytes: TokenEndpointFailure.maximumCode)
        }
        let allWords = [words, stated?.suberror.map { "(suberror \($0))" }].compactMap(\.self).joined(separator: " ")
        let failureClass =
            if providerClass == .halted {
                FailureClass.halted
            } else if isThrottled {
                FailureClass.transient
            } else {
                FailureClass(
                    status: answer.status,
                    stated: stated,
                    providerClass: providerClass,
                    fault: fault,
                    grant: grant
                )
            }
        self.init(
            failureClass,
            error: code ?? fault.rawValue,
            serverWords: ServerWords.printable(allWords, hiding: secrets),
            serverStatus: answer.status,
            retryAfter: answer.retryAfter
                ?? (isThrottled ? answer.timeUntil(provider.rateLimitResetHeader) : nil)
        )
        self.providerCode = providerCode.flatMap {
            ServerWords.printable($0, hiding: secrets, maximumBytes: TokenEndpointFailure.maximumCode)
        }
        requestID = answer.requestID(provider.requestIDHeader, hiding: secrets)
        // A token in what could not be read cannot be hidden where the words repeat it.
        if body.isPartlyUnreadable { serverWords = nil }
    }

    /// Longer than every code that a protocol or vendor defines.
    private static let maximumCode = 64

    /// Whether a code says that we ask too often, in one of the spellings of vendors and gateways.
    private static func saysThrottled(_ code: String?) -> Bool {
        let letters = (code ?? "").lowercased().filter(\.isLetter)
        return ["toomanyrequests", "rateexceeded", "ratelimit", "throttl"].contains { letters.contains($0) }
    }
}

extension FailureClass {
    /// What a failing answer means; the first rule that fits decides.
    fileprivate init(
        status: Int,
        stated: StatedError?,
        providerClass: FailureClass?,
        fault: AnswerFault,
        grant: Grant
    ) {
        if (300..<400).contains(status) {
            self = .endpointMisconfigured
        } else if status == 503 {
            self = .transient
        } else if status == 408 || status >= 500 {
            // A server that states its error has handled the request; any other may have spent what it was shown.
            self = stated?.code == nil && grant.isSingleUse ? .unknown : .transient
        } else if let providerClass {
            self = providerClass.asked(by: grant)
        } else if let code = stated?.protocolCode {
            self = code.failureClass(for: grant)
        } else if fault == .notFound || fault == .methodNotAllowed {
            self = .endpointMisconfigured
        } else if (200..<300).contains(status), stated == nil {
            self = grant.isSingleUse ? .unknown : fault == .page ? .endpointMisconfigured : .protocol
        } else if fault == .page {
            self = .endpointMisconfigured
        } else if status >= 200 {
            self = stated?.code == nil ? FailureClass(unexplained: status, grant: grant) : .configuration
        } else {
            self = .protocol
        }
    }

    /// A refusal without a reason: asked again it may spend what is single-use, and a 400 may mean that it is gone.
    private init(unexplained status: Int, grant: Grant) {
        switch status {
        case 400 where grant.isSingleUse: self = .unexplainedRefusal
        case 401 where grant.isSingleUse, 403 where grant.isSingleUse: self = .halted
        default: self = .configuration
        }
    }
}

extension AnswerFault {
    /// What is wrong with an answer of `status` that cannot be a success.
    fileprivate init(status: Int, body: AnswerBody) {
        self =
            switch status {
            case 300..<400: .redirect
            case 404: .notFound
            case 405: .methodNotAllowed
            case 408: .requestTimeout
            case 429: .rateLimited
            case 500...: .serverFailing
            default:
                switch body {
                case .empty: .empty
                case .page: .page
                case .members: .unnamedError
                case .text, .unreadable: .unreadable
                }
            }
    }
}
