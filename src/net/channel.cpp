#include "net/channel.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sightline::net {
namespace {

class PlainChannel final : public Channel {
 public:
  explicit PlainChannel(int fd) : fd_(fd) {}

  IoResult read(std::span<char> into) override {
    while (true) {
      const ssize_t n = ::recv(fd_, into.data(), into.size(), 0);
      if (n > 0) return {IoState::done, static_cast<std::size_t>(n)};
      if (n == 0) return {IoState::closed, 0};
      if (errno == EINTR) continue;
      return {errno == EAGAIN || errno == EWOULDBLOCK ? IoState::want_read : IoState::failed, 0};
    }
  }

  IoResult write(std::span<const std::string_view> pieces) override {
    std::array<iovec, 8> parts{};
    const std::size_t count = std::min(pieces.size(), parts.size());
    for (std::size_t i = 0; i < count; ++i)
      parts[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    while (true) {
      const ssize_t n = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
      if (n >= 0) return {IoState::done, static_cast<std::size_t>(n)};
      if (errno == EINTR) continue;
      return {errno == EAGAIN || errno == EWOULDBLOCK ? IoState::want_write : IoState::failed, 0};
    }
  }

  void end_writing() override { ::shutdown(fd_, SHUT_WR); }
  bool buffers() const override { return false; }

 private:
  int fd_;
};

}  // namespace

std::unique_ptr<Channel> make_plain_channel(int fd) {
  return std::make_unique<PlainChannel>(fd);
}

}  // namespace sightline::net
