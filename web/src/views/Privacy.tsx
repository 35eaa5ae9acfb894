export default function Privacy(_: { rest: string }) {
  return null;
}
