export default function Attribution(_: { rest: string }) {
  return null;
}
