// A connection's bytes: heads and bodies, as the server reads them.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/body_decoder.h"
#include "net/request_head.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

/// False when the body is malformed or not whole.
bool skip_body(const sightline::net::RequestHead& head, std::string_view& input) {
  sightline::net::BodyDecoder decoder(head);
  while (!decoder.done()) {
    const auto step = decoder.next(input);
    if (!step || step->consumed == 0) return false;
    require(step->consumed <= input.size() && step->data.size() <= step->consumed);
    input.remove_prefix(step->consumed);
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sightline::net;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  while (true) {
    const auto end = find_head_end(input);
    if (!end || !*end) return 0;
    require(**end <= input.size());
    const auto head = parse_request_head(input.substr(0, **end), HeadLimits{});
    if (!head) return 0;
    require(!(head->chunked && head->content_length));
    require(head->target.starts_with('/') || head->target == "*");
    for (const Header& field : head->headers)
      require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    input.remove_prefix(**end);
    if (!skip_body(*head, input)) return 0;
  }
}
