// The query protocol's decoder against arbitrary forms.

#include "aws/wire/query_codec.h"
#include "aws/wire/test_query.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace wire = sightline::aws::wire;
  using sightline::aws::test_query::Describe;
  Describe::Request request;
  wire::Limits limits;
  limits.element_bytes = 1U << 20U;
  const auto done =
      wire::decode_form(Describe::operation, {reinterpret_cast<const char*>(data), size}, &request, limits);
  if (!done && done.error().message.empty()) __builtin_trap();
  return 0;
}
