#pragma once
// What an operation makes of a request whose body passes in pieces, in constant memory.

#include <memory>
#include <span>

#include "aws/wire/codec.h"
#include "aws/wire/service_error.h"

namespace sightline::aws::dispatch {

/// One upload under way. Calls come one at a time, each perhaps on another thread of the pool, and none may
/// wait for the client. Destroyed before finish() has succeeded it leaves nothing: the client has gone, or
/// its body was refused.
template <typename Op>
class Upload {
 public:
  virtual ~Upload() = default;
  /// The next bytes within the body's framing. They are not verified yet.
  [[nodiscard]] virtual wire::Answer<void> take(std::span<const char> bytes) = 0;
  /// All of the body has come and is verified.
  [[nodiscard]] virtual wire::Answer<typename Op::Response> finish() = 0;
};

/// An Upload of whatever operation, its answer encoded.
class AnyUpload {
 public:
  virtual ~AnyUpload() = default;
  [[nodiscard]] virtual wire::Answer<void> take(std::span<const char> bytes) = 0;
  [[nodiscard]] virtual wire::Answer<wire::HttpResponse> finish() = 0;
};

/// Operation and ids outlive it.
template <typename Op>
class EncodedUpload final : public AnyUpload {
 public:
  EncodedUpload(std::unique_ptr<Upload<Op>> upload, const wire::Operation& operation,
                const wire::RequestIds& ids)
      : upload_(std::move(upload)), operation_(operation), ids_(ids) {}
  wire::Answer<void> take(std::span<const char> bytes) override { return upload_->take(bytes); }
  wire::Answer<wire::HttpResponse> finish() override {
    const auto response = TRY(upload_->finish());
    return wire::encode(operation_, &response, ids_);
  }

 private:
  const std::unique_ptr<Upload<Op>> upload_;
  const wire::Operation& operation_;
  const wire::RequestIds& ids_;
};

}  // namespace sightline::aws::dispatch
