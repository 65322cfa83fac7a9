/**
 * Loads, before any simulated clock exists, what the library and the simulated cloud load on first use. Otherwise it
 * would be in the first rollout's real time, and where loading takes longer than the simulated clock believes (about a
 * second, on a busy machine and through tsx) simulated time would pass meanwhile.
 */
export async function loadEverything(): Promise<void> {
  await Promise.all([
    import('axios'),
    import('ini'),
    import('msw'),
    import('msw/node'),
    import('@aws-sdk/client-codedeploy'),
    import('@aws-sdk/client-ec2'),
    import('@aws-sdk/client-elastic-load-balancing-v2'),
    import('../src/spot/spot-client.js'),
    import('../src/aws/aws-clients.js'),
    import('../src/aws/aws-place.js'),
    import('../src/aws/code-deploy-gateway.js'),
    import('../src/aws/instances-gateway.js'),
    import('../src/aws/target-groups-gateway.js'),
  ]);
}
