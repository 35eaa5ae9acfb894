export default function MapEdit(_: { rest: string }) {
  return null;
}
