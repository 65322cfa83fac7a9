/** Spot's deployment mode launches as many instances as run: where none runs it would launch nothing to release onto. */
export const FIRST_RELEASE =
  'Deployment mode launches as many green instances as there are blue, so scale the Elastigroup to the wanted size first, with the launch specification’s tags; what it launches is blue, with or without the application, and the release then takes its place.';
