#pragma once
// An event about a bucket as S3 reports it.
// Source: "Event message structure" in Amazon S3's user guide.

#include <string>
#include <string_view>

#include "cloud/buckets/events.h"

namespace sightline::aws::s3 {

/// How S3 is called where it acts by itself.
inline constexpr std::string_view kServicePrincipal = "s3.amazonaws.com";

/// JSON: a list of one record, with the key as in a form; of Change::configured an s3:TestEvent.
[[nodiscard]] std::string event_message(const buckets::ObjectEvent& event);

}  // namespace sightline::aws::s3
