/**
 * How every AWS client is set up: short waits that really end a call (without `throwOnRequestTimeout` the SDK only warns),
 * and few attempts, so that a call ends before the function's own deadline.
 */
export const clientDefaults = () => ({
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
});
