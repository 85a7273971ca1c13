#include "aws/dispatch/overload.h"

#include <string>
#include <string_view>

namespace sightline::aws::dispatch {

wire::ServiceError overloaded(const wire::Service& service) {
  constexpr std::string_view kMessage = "The server is working on as many requests as it can; try again.";
  const auto error = [&](std::string_view name, int status) {
    return wire::service_error({name, name, status, wire::Fault::sender}, std::string(kMessage));
  };
  if (service.protocol == wire::Protocol::rest_xml) return error("SlowDown", 503);
  if (service.signing_name == "rekognition") return error("ProvisionedThroughputExceededException", 400);
  return error(service.protocol == wire::Protocol::query ? "Throttling" : "ThrottlingException", 400);
}

}  // namespace sightline::aws::dispatch
