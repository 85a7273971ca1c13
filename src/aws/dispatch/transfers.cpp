#include "aws/dispatch/pending.h"
#include "aws/sigv4/payload.h"

namespace sightline::aws::dispatch {

/// Takes the framing off the body's pieces and gives the operation what is within.
class Dispatcher::UploadTransfer final : public net::Transfer {
 public:
  UploadTransfer(const Dispatcher& dispatcher, Pending pending)
      : dispatcher_(dispatcher), pending_(std::move(pending)) {}

  std::optional<net::TransferAnswer> begin() override {
    return refusal(guarded<void>(pending_, [&]() -> wire::Answer<void> {
      dispatcher_.fill_context(pending_, *pending_.caller);
      decoder_ = TRY(open_payload(pending_.call, *pending_.caller));
      upload_ = TRY(std::get<UploadRun>(pending_.entry->ways.run)(pending_.call, *decoder_));
      return {};
    }));
  }

  std::optional<net::TransferAnswer> take(std::span<const char> piece) override {
    return refusal(guarded<void>(pending_, [&] { return decoder_->take(piece, sink_); }));
  }

  net::TransferAnswer end(const Error* broken) override {
    auto answer = guarded<wire::HttpResponse>(pending_, [&]() -> wire::Answer<wire::HttpResponse> {
      if (broken != nullptr) return std::unexpected(sigv4::broken_body(*broken));
      TRY(decoder_->finish());
      return upload_->finish();
    });
    return {answer ? pending_.writer.write(std::move(*answer)) : pending_.writer.write_error(answer.error())};
  }

 private:
  [[nodiscard]] std::optional<net::TransferAnswer> refusal(const wire::Answer<void>& done) const {
    if (done) return std::nullopt;
    return net::TransferAnswer{pending_.writer.write_error(done.error())};
  }

  const Dispatcher& dispatcher_;
  Pending pending_;
  std::unique_ptr<sigv4::PayloadDecoder> decoder_;
  std::unique_ptr<AnyUpload> upload_;  ///< reads the decoder's trailing headers
  const sigv4::PayloadSink sink_ = [this](std::span<const char> bytes) { return upload_->take(bytes); };
};

class Dispatcher::DownloadTransfer final : public net::Transfer {
 public:
  DownloadTransfer(const Dispatcher& dispatcher, Pending pending)
      : dispatcher_(dispatcher), pending_(std::move(pending)) {}

  /// A body that comes with it means nothing.
  std::optional<net::TransferAnswer> begin() override {
    auto start = guarded<DownloadStart>(pending_, [&] {
      dispatcher_.fill_context(pending_, *pending_.caller);
      return std::get<DownloadRun>(pending_.entry->ways.run)(pending_.call);
    });
    if (!start) return net::TransferAnswer{pending_.writer.write_error(start.error())};
    body_ = std::move(start->body);
    net::Response head = pending_.writer.write(std::move(start->head));
    // "Not modified" has no body, and says nothing of a length.
    if (head.status == 304) return net::TransferAnswer{std::move(head)};
    return net::TransferAnswer{std::move(head), net::BodyLength{body_.length}};
  }

  std::optional<net::TransferAnswer> take(std::span<const char>) override { return std::nullopt; }
  net::TransferAnswer end(const Error*) override { return {}; }

  Result<std::size_t> read(std::span<char> into) override {
    auto got = body_.read(into);
    if (!got) pending_.writer.tell(got.error().message);
    return got;
  }

 private:
  const Dispatcher& dispatcher_;
  Pending pending_;
  Download body_;
};

wire::Answer<std::unique_ptr<sigv4::PayloadDecoder>> Dispatcher::open_payload(const Call& call,
                                                                              const Caller& caller) {
  return sigv4::make_payload_decoder(
      call.request.headers, caller.verified, *call.match.service,
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
