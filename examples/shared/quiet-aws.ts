// On Node 20 the AWS SDK prints seven lines about Node's age when its first client is made. Import this before anything
// else: imports run in their order, and the variable must be set by then.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
