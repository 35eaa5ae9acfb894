export default function MapView(_: { rest: string }) {
  return null;
}
