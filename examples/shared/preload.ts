// The library loads these on first use. On a busy machine that can take longer than a simulated clock waits for it: time
// would then pass in the simulated cloud, and calls would time out that were never sent. A real account needs none of this.
import 'axios';
import '@aws-sdk/client-cloudwatch';
import '@aws-sdk/client-codedeploy';
import '@aws-sdk/client-ec2';
import '@aws-sdk/client-elastic-load-balancing-v2';
