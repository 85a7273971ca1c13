#include "aws/dispatch/pending.h"
#include "aws/sigv4/payload.h"

namespace sightline::aws::dispatch {

namespace {

wire::ServiceError refuse_broken(const wire::Service& service, const Error& broken) {
  if (service.traits.s3_answers) return sigv4::broken_body(broken);
  switch (broken.kind) {
    case ErrorKind::too_large:
      return wire::too_large_error(service);
    case ErrorKind::corrupt:
      return wire::malformed_error(service, "The chunks of the request body are not well-formed.");
    default:
      return wire::too_slow_error(service);
  }
}

}  // namespace

/// Takes the framing off the body's pieces and gives the operation what is within. Where the signature covers
/// the body itself, all of it is collected and verified first.
class Dispatcher::UploadTransfer final : public net::Transfer {
 public:
  UploadTransfer(const Dispatcher& dispatcher, Pending pending)
      : dispatcher_(dispatcher), pending_(std::move(pending)) {}

  std::optional<net::TransferAnswer> begin() override {
    if (!pending_.caller) return std::nullopt;
    return refusal(guarded<void>(pending_, [&]() -> wire::Answer<void> {
      dispatcher_.fill_context(pending_, *pending_.caller);
      return open();
    }));
  }

  std::optional<net::TransferAnswer> take(std::span<const char> piece) override {
    if (!upload_) {
      collected_.append(piece.data(), piece.size());
      return std::nullopt;
    }
    return refusal(guarded<void>(pending_, [&] { return decoder_->take(piece, sink_); }));
  }

  net::TransferAnswer end(const Error* broken) override {
    auto answer = guarded<wire::HttpResponse>(pending_, [&]() -> wire::Answer<wire::HttpResponse> {
      if (broken != nullptr) return std::unexpected(refuse_broken(*pending_.call.match.service, *broken));
      if (!upload_) {
        TRY(dispatcher_.admit(pending_, collected_));
        TRY(open());
        if (!collected_.empty()) TRY(decoder_->take(collected_, sink_));
      }
      TRY(decoder_->finish());
      return upload_->finish();
    });
    return {answer ? pending_.writer.write(std::move(*answer)) : pending_.writer.write_error(answer.error())};
  }

 private:
  wire::Answer<void> open() {
    decoder_ = TRY(open_payload(pending_.call, *pending_.caller));
    upload_ = TRY(std::get<UploadRun>(pending_.entry->ways.run)(pending_.call, *decoder_));
    return {};
  }
  [[nodiscard]] std::optional<net::TransferAnswer> refusal(const wire::Answer<void>& done) const {
    if (done) return std::nullopt;
    return net::TransferAnswer{pending_.writer.write_error(done.error())};
  }

  const Dispatcher& dispatcher_;
  Pending pending_;
  std::unique_ptr<sigv4::PayloadDecoder> decoder_;
  std::unique_ptr<AnyUpload> upload_;  ///< reads the decoder's trailing headers
  std::string collected_;              ///< a body that must be verified as a whole
  const sigv4::PayloadSink sink_ = [this](std::span<const char> bytes) { return upload_->take(bytes); };
};

class Dispatcher::DownloadTransfer final : public net::Transfer {
 public:
  DownloadTransfer(const Dispatcher& dispatcher, Pending pending)
      : dispatcher_(dispatcher), pending_(std::move(pending)) {}

  std::optional<net::TransferAnswer> begin() override {
    if (!pending_.caller) return std::nullopt;
    return start({});
  }

  std::optional<net::TransferAnswer> take(std::span<const char> piece) override {
    collected_.append(piece.data(), piece.size());
    return std::nullopt;
  }

  net::TransferAnswer end(const Error* broken) override {
    if (broken != nullptr)
      return {pending_.writer.write_error(refuse_broken(*pending_.call.match.service, *broken))};
    return start(collected_);
  }

  Result<std::size_t> read(std::span<char> into) override {
    auto got = body_.read(into);
    if (!got) pending_.writer.tell(got.error().message);
    return got;
  }

 private:
  /// Where the caller is known, a body that comes with it means nothing.
  net::TransferAnswer start(const std::string& body) {
    auto start = guarded<DownloadStart>(pending_, [&]() -> wire::Answer<DownloadStart> {
      TRY(dispatcher_.admit(pending_, body));
      return std::get<DownloadRun>(pending_.entry->ways.run)(pending_.call);
    });
    if (!start) return net::TransferAnswer{pending_.writer.write_error(start.error())};
    body_ = std::move(start->body);
    net::Response head = pending_.writer.write(std::move(start->head));
    // "Not modified" has no body, and says nothing of a length.
    if (head.status == 304) return net::TransferAnswer{std::move(head)};
    return net::TransferAnswer{std::move(head), net::BodyLength{body_.length}};
  }

  const Dispatcher& dispatcher_;
  Pending pending_;
  Download body_;
  std::string collected_;  ///< the request's body, which its signature covers
};

wire::Answer<std::unique_ptr<sigv4::PayloadDecoder>> Dispatcher::open_payload(const Call& call,
                                                                              const Caller& caller) {
  sigv4::Verified verified = caller.verified;
  // The body has been verified with the rest.
  if (!call.match.service->traits.payload_in_head) verified.payload = sigv4::Payload::unsigned_body;
  return sigv4::make_payload_decoder(
      call.request.headers, verified, *call.match.service,
      caller.issued_key ? sigv4::ChunkSignatures::verified : sigv4::ChunkSignatures::unverifiable);
}

net::Streaming Dispatcher::stream(Pending pending) const {
  const Entry& entry = *pending.entry;
  net::Streaming streaming{entry.pool, entry.max_body, nullptr};
  if (std::holds_alternative<UploadRun>(entry.ways.run)) {
    streaming.transfer = std::make_shared<UploadTransfer>(*this, std::move(pending));
  } else {
    streaming.transfer = std::make_shared<DownloadTransfer>(*this, std::move(pending));
  }
  return streaming;
}

}  // namespace sightline::aws::dispatch
