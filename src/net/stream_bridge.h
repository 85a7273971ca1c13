#pragma once
// Between a connection on its I/O thread and a handler on a pool's: the body in, the response out, both
// bounded, so that each side waits for the other and neither fills memory.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "net/handler.h"

namespace sightline::net {

class StreamBridge final : public BodyReader, public ResponseWriter {
 public:
  static constexpr std::size_t kBodyRoom = 256 * 1024;
  static constexpr std::size_t kOutputRoom = 256 * 1024;

  /// `wake` has the I/O thread look again: it posts, and may be called from any thread at any time.
  StreamBridge(bool head_request, bool chunks_allowed, std::function<void()> wake)
      : head_request_(head_request), chunks_allowed_(chunks_allowed), wake_(std::move(wake)) {}

  // The handler's side: BodyReader and ResponseWriter, and what follows its return.
  [[nodiscard]] Result<std::size_t> read(std::span<char> into) override;
  [[nodiscard]] Result<void> send(Response response) override;
  [[nodiscard]] Result<void> begin(Response response, BodyLength length) override;
  [[nodiscard]] Result<void> write(std::span<const char> bytes) override;
  [[nodiscard]] Result<void> finish() override;
  /// The handler returned; `failure` tells what it threw.
  void handler_returned(std::string failure);

  // The connection's side; never waits.
  /// The handler has asked for the body, and there is room for more of it. Where there is none, false until a
  /// wake, however much the handler has read meanwhile.
  [[nodiscard]] bool body_wanted();
  void push_body(std::string_view bytes);
  void end_body();
  void fail_body(Error error);  ///< for the handler's reads; it may still answer
  void lose(Error error);       ///< the client is gone: for reads and writes

  struct Output {
    std::optional<Response> begun;  ///< once, before the first bytes
    BodyLength length;
    std::string bytes;      ///< framed for the wire
    bool whole = false;     ///< nothing follows
    bool returned = false;  ///< the handler is back
    std::string failure;    ///< what it threw
  };
  [[nodiscard]] Output take_output();
  /// Bytes of take_output() that have left; makes room for more.
  void sent(std::size_t bytes);

 private:
  [[nodiscard]] Result<void> append(std::span<const char> bytes, std::unique_lock<std::mutex>& lock);

  const bool head_request_;
  const bool chunks_allowed_;
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable changed_;

  std::string body_;
  std::size_t body_read_ = 0;  ///< of body_, taken by the handler
  bool body_asked_ = false;
  bool body_ended_ = false;
  bool body_paused_ = false;  ///< the connection reads no further until woken

  std::optional<Response> begun_;
  bool has_begun_ = false;
  bool framed_ = false;  ///< in chunks
  bool whole_ = false;
  bool returned_ = false;
  BodyLength length_;
  std::uint64_t written_ = 0;
  std::string output_;
  std::size_t unsent_ = 0;  ///< in output_ and with the connection
  std::string failure_;
  std::optional<Error> body_error_;
  std::optional<Error> lost_;
};

}  // namespace sightline::net
