// The json codec against arbitrary bodies: what it reads, it writes so that it reads the same again.

#include <cstdlib>

#include "aws/wire/codec.h"
#include "aws/wire/json_codec.h"
#include "aws/wire/test_json.h"
#include "aws/wire/validation.h"

namespace {

namespace wire = sightline::aws::wire;
using sightline::aws::test_json::Check;
using sightline::aws::test_json::PutItem;

template <typename Op>
bool decode(std::string_view body, typename Op::Request& request, const wire::Limits& limits) {
  return wire::read_json(*Op::operation.service, *Op::operation.input, body, &request, limits).has_value();
}

std::string encoded(const PutItem::Request& request) {
  const PutItem::Response response{request.item,  request.tree,  request.when, request.when_text,
                                   request.ratio, request.exact, request.big,  request.on};
  return wire::encode(PutItem::operation, &response, {}).body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const wire::Service* const services[] = {&sightline::aws::test_json::kService};
  static const auto validator = wire::Validator::create(services);
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  wire::Limits limits;
  limits.element_bytes = 1U << 20U;
  Check::Request check;
  if (decode<Check>(body, check, limits)) {
    (void)validator->check(Check::operation, &check);
  }
  PutItem::Request request;
  if (!decode<PutItem>(body, request, limits)) return 0;
  const std::string once = encoded(request);
  PutItem::Request again;
  limits.element_bytes *= 2;
  if (!decode<PutItem>(once, again, limits) || encoded(again) != once) std::abort();
  return 0;
}
