#include "aws/sts/model.h"

#include <gtest/gtest.h>

#include "aws/wire/test_request.h"

namespace sightline::aws::sts {
namespace {

TEST(Sts, SaysWhoIsCalling) {
  GetCallerIdentity::Response identity;
  identity.user_id = "AIDA1";
  identity.account = "000000000000";
  identity.arn = "arn:aws:iam::000000000000:root";
  EXPECT_EQ(wire::encode_answer<GetCallerIdentity>(identity, {"r", ""}).body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<GetCallerIdentityResponse "
            "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
            "<UserId>AIDA1</UserId><Account>000000000000</Account><Arn>arn:aws:iam::000000000000:root</Arn>"
            "</GetCallerIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
            "</GetCallerIdentityResponse>");
}

}  // namespace
}  // namespace sightline::aws::sts
