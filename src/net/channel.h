#pragma once
// Bytes through a socket, plain or under TLS. Never blocks.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "net/tls.h"

namespace sightline::net {

enum class IoState {
  done,        ///< `bytes` were moved
  want_read,   ///< try again when the socket can be read
  want_write,  ///< try again when the socket can be written
  closed,      ///< the peer sends no more
  failed,      ///< the connection is of no use any more
};

struct IoResult {
  IoState state = IoState::failed;
  std::size_t bytes = 0;
};

/// Over a non-blocking descriptor that belongs to somebody else. Of one thread.
class Channel {
 public:
  virtual ~Channel() = default;
  [[nodiscard]] virtual IoResult read(std::span<char> into) = 0;
  /// Writes what it can of the pieces, in order.
  [[nodiscard]] virtual IoResult write(std::span<const std::string_view> pieces) = 0;
  /// Signals the peer that nothing more comes.
  virtual void end_writing() = 0;
  /// True when a read may give bytes although the socket shows none.
  [[nodiscard]] virtual bool buffers() const = 0;
};

[[nodiscard]] std::unique_ptr<Channel> make_plain_channel(int fd);

/// What all TLS connections of a listener share. Thread-safe.
class TlsContext {
 public:
  static Result<std::unique_ptr<TlsContext>> create(const TlsIdentity& identity);
  virtual ~TlsContext() = default;
  /// The server's side of a connection; the handshake happens on the first reads and writes.
  [[nodiscard]] virtual std::unique_ptr<Channel> make_channel(int fd) = 0;
};

}  // namespace sightline::net
