export default function Live(_: { rest: string }) {
  return null;
}
